"""Settings: where they come from, and what is said of a bad one."""

from dataclasses import fields
from pathlib import Path

import pytest

from europass_ld.config import Settings, load_settings
from europass_ld.errors import ConfigurationError


def test_sources_in_their_order(tmp_path: Path) -> None:
    """Command line, environment, file, default: the first that says something counts."""
    file = tmp_path / "settings.toml"
    file.write_text('base = "https://f.example/"\nmax_depth = 3\nmax_files = 4\n')
    settings, origins = load_settings(
        {"base": "https://c.example/", "max_depth": None},
        environment={"EUROPASS_LD_BASE": "https://e.example/", "EUROPASS_LD_MAX_DEPTH": "5"},
        file=file,
    )
    sources = {one.name: one.source for one in origins}
    assert (settings.base, sources["base"]) == ("https://c.example/", "the command line")
    assert (settings.max_depth, sources["max_depth"]) == (5, "the environment")
    assert (settings.max_files, sources["max_files"]) == (4, f"the file {file}")
    assert (settings.page_size, sources["page_size"]) == (50, "the default")


def test_the_environment_can_name_the_file(tmp_path: Path) -> None:
    """EUROPASS_LD_CONFIG is no setting: it says where the file is."""
    file = tmp_path / "settings.toml"
    file.write_text("trusted_proxies = ['10.0.0.1']\n")
    settings, _ = load_settings(environment={"EUROPASS_LD_CONFIG": str(file)})
    assert settings.trusted_proxies == ("10.0.0.1",)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("base", "example.org", "IRI that ends in /"),
        ("max_depth", "-1", "whole number from 1"),
        ("max_depth", "many", "whole number from 1"),
        ("port", "65536", "port from 0 to 65535"),
        ("hold_deletions_over", "20%", "share between 0 and 1"),
        ("lock_wait", "-3", "seconds from 0"),
        ("shapes_engine", "magic", "shacl or pyshacl"),
        ("unheard_of", "1", "unknown setting"),
    ],
)
def test_a_bad_value_is_told_with_its_source(name: str, value: str, words: str) -> None:
    """The error names the setting, where the value came from, and what is accepted."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_settings(environment={f"EUROPASS_LD_{name.upper()}": value})
    assert caught.value.setting == name
    assert "the environment" in str(caught.value)


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    """A file that is no TOML is named, with the parser's words."""
    file = tmp_path / "settings.toml"
    file.write_text("base = ")
    with pytest.raises(ConfigurationError, match=r"settings\.toml"):
        load_settings(file=file, environment={})


def test_every_setting_says_what_it_means() -> None:
    """No setting without a help text; the defaults make a settings value by themselves."""
    assert all(one.metadata["help"] for one in fields(Settings))
    assert load_settings(environment={})[0] == Settings()
