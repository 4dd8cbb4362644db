// Puts the editor in the place of the plain field: colours, brackets, mistakes while typing. The
// form stays what is sent, so without this script everything works the same.
"use strict";
(() => {
  const field = document.getElementById("query");
  const Yasqe = window.Yasgui && window.Yasgui.Yasqe;
  if (!field || !Yasqe) return;
  const place = document.createElement("div");
  place.className = "editor";
  field.after(place);
  // what it would keep, send or ask of others is switched off: the form sends, and nobody else is asked
  const editor = new Yasqe(place, {
    value: field.value,
    persistenceId: null,
    showQueryButton: false,
    createShareableLink: null,
    resizeable: false,
    autocompleters: ["variables"],
    collapsePrefixesOnLoad: false,
    editorHeight: "auto",
    viewportMargin: Infinity,
    extraKeys: { "Ctrl-Enter": send, "Cmd-Enter": send, Tab: false, "Shift-Tab": false },
  });
  const input = place.querySelector("textarea");
  if (input) input.setAttribute("aria-label", "Query");
  field.hidden = true;
  document.querySelector('label[for="query"]').addEventListener("click", () => editor.focus());
  field.form.addEventListener("submit", () => { field.value = editor.getValue(); });
  function send() { field.form.requestSubmit(); }
})();
