"""A store with an accreditation register, a register of courses, and a dataset that claims much."""

from pathlib import Path

from europass_ld.config import Settings
from europass_ld.ingest import LoadOptions, load_delivery, plan_deliveries
from europass_ld.store import Dataset, Store
from europass_ld.terms import expand
from europass_ld.vocabularies import CodeLists
from tests.shared import ROOT
from tests.store.making import GENID, load, record

SAMPLES = ROOT / "data" / "samples"
SETTINGS = Settings(base="https://ld.example.org/")
REGISTER = "https://register.aqle.example/dataset/accreditations"
COURSES = "https://donnees.formations.example/jeu/formations"
CHEESE = "https://donnees.formations.example/organisme/fromagerie"
GULF = "https://data.koulutustarjonta.example/organisaatio/330"
ROGUE = Dataset(iri="https://mill.example/dataset", title={"en": "Diploma Mill"}, family="loq")
AGENCY = Dataset(iri="https://agency.example/dataset", title={"en": "Agency"}, family="ams")
WELDING = "https://agency.example/report/welding"
"""What the agency gave to the school whose sealed credentials the tests of proofs make."""
MILL = "https://mill.example/school"
REVIEW = "https://register.aqle.example/report/1002"
"""The institutional review of the university of the Gulf of Bothnia."""


def _says(subject: str, property_: str, value: str) -> str:
    return f"<{subject}> <{expand(property_)}> {value} ."


def make(directory: Path, code_lists: CodeLists) -> None:
    """Make the store in a directory that is not there yet."""
    folders = [SAMPLES / "be-quality-register", SAMPLES / "fr-formations"]
    with Store.create(directory, SETTINGS.base) as store:
        for plan in plan_deliveries(folders, SETTINGS, base=store.base):
            load_delivery(store, plan, SETTINGS, code_lists, LoadOptions())
        school, number = "https://school.example/", f"{GENID}school.2"
        load(
            store,
            AGENCY,
            record(
                "agency",
                more=(
                    _says(WELDING, "elm:organisation", f"<{school}>"),
                    _says(WELDING, "elm:limitField", "<http://data.europa.eu/snb/isced-f/07>"),
                    _says(WELDING, "elm:limitEQFLevel", "<http://data.europa.eu/snb/eqf/4>"),
                    _says(school, "elm:vatIdentifier", f"<{number}>"),
                    _says(number, "skos:notation", '"VATXX-12345678"'),
                ),
            ),
        )
        number = f"{GENID}mill.2"
        load(
            store,
            ROGUE,
            record(
                "mill",
                more=(
                    _says(MILL, "elm:accreditation", f"<{REVIEW}>"),
                    _says(MILL, "elm:accreditation", "<https://mill.example/own>"),
                    _says("https://mill.example/own", "elm:decision", "<https://mill.example/ja>"),
                    _says(REVIEW, "elm:organisation", f"<{CHEESE}>"),
                    _says(REVIEW, "elm:limitEQFLevel", "<http://data.europa.eu/snb/eqf/1>"),
                    _says(MILL, "rov:registration", f"<{number}>"),
                    _says(number, "skos:notation", '"42"'),
                    _says(
                        number,
                        "dct:spatial",
                        "<http://publications.europa.eu/resource/authority/country/FRA>",
                    ),
                ),
            ),
        )
