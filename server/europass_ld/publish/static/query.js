// Puts the editor in the place of the plain field: colours, brackets, mistakes and names while
// typing. The form stays what is sent, so without this script everything works the same.
"use strict";
(() => {
  const field = document.getElementById("query");
  const Yasqe = window.Yasgui && window.Yasgui.Yasqe;
  if (!field || !Yasqe) return;
  const place = document.createElement("div");
  place.className = "editor";
  field.after(place);
  const terms = JSON.parse(document.getElementById("terms").textContent);
  let asked = false; // whether names were asked for, by Ctrl-Space
  Yasqe.registerAutocompleter({
    name: "terms",
    autoShow: true,
    isValidCompletionPosition: (editor) => isName(editor.getCompleteToken()),
    get: (editor, token) => namesFor(editor, token),
    postprocessHints: (editor, hints) => hints.map(asHint),
  }, false);
  // as an option they would be merged with those that ask other servers
  Yasqe.defaults.autocompleters = ["variables", "terms"];
  // what it would keep, send or ask of others is switched off: the form sends, and nobody else is asked
  const editor = new Yasqe(place, {
    value: field.value,
    persistenceId: null,
    showQueryButton: false,
    createShareableLink: null,
    resizeable: false,
    collapsePrefixesOnLoad: false,
    editorHeight: "auto",
    viewportMargin: Infinity,
    extraKeys: { "Ctrl-Enter": send, "Cmd-Enter": send, "Ctrl-Space": ask, Tab: false, "Shift-Tab": false },
  });
  const input = place.querySelector("textarea");
  if (input) input.setAttribute("aria-label", "Query");
  field.hidden = true;
  document.querySelector('label[for="query"]').addEventListener("click", () => editor.focus());
  field.form.addEventListener("submit", () => { field.value = editor.getValue(); });
  function send() { field.form.requestSubmit(); }
  function ask() { asked = true; editor.autocomplete(); asked = false; }

  // unasked only in what can be nothing but a name: words may be keywords
  function isName(token) {
    return /^<|^\w*:/.test(token.string) || (asked && /^\w*$/.test(token.string));
  }

  // the terms whose name, IRI or label begins as the token does; after "a" only classes
  function namesFor(editor, token) {
    const typed = token.string.toLowerCase();
    const before = editor.getPreviousNonWsToken(editor.getDoc().getCursor().line, token).string;
    const afterType = before === "a" || before === "rdf:type";
    const own = editor.getPrefixesFromQuery();
    const prefixes = { ...own, ...terms.prefixes, ...own }; // the query's come first, and count
    return (afterType ? terms.classes : [...terms.properties, ...terms.classes])
      .map(([name, label]) => {
        const iri = expand(name);
        return { iri, label, name: typed.startsWith("<") ? `<${iri}>` : compact(iri, prefixes) };
      })
      .filter(({ name, label }) =>
        [name, name.slice(name.indexOf(":") + 1), label].some((one) => one.toLowerCase().startsWith(typed)));
  }

  function expand(name) {
    const [prefix, ...rest] = name.split(":");
    return prefix in terms.prefixes ? terms.prefixes[prefix] + rest.join(":") : name;
  }

  function compact(iri, prefixes) {
    for (const [prefix, namespace] of Object.entries(prefixes)) {
      const local = iri.slice(namespace.length);
      if (iri.startsWith(namespace) && /^\w[\w-]*$/.test(local)) return `${prefix}:${local}`;
    }
    return `<${iri}>`;
  }

  // the editor makes a hint of each; one that is taken brings the prefix it needs
  function asHint({ text: { name, label }, from, to }) {
    const prefix = name.slice(0, name.indexOf(":"));
    return {
      text: name,
      displayText: `${name}  ${label}`,
      from,
      to,
      hint(editor, data) {
        editor.replaceRange(name, from || data.from, to || data.to, "complete");
        if (prefix in terms.prefixes && !(prefix in editor.getPrefixesFromQuery())) {
          editor.addPrefixes({ [prefix]: terms.prefixes[prefix] });
        }
      },
    };
  }
})();
