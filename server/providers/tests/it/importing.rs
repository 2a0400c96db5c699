//! From lists of facts to catalog files.

use std::path::Path;

use providers::catalog::{Files, Imported, import, load};
use tempfile::TempDir;

use crate::folders::{NOW, contents, folder, put};

const PROVIDERS: &str = include_str!("importing/providers.json");
const MODELS: &str = include_str!("importing/models.json");
const ENDPOINTS: &str = include_str!("importing/endpoints.json");
const CORRECTIONS: &str = include_str!("importing/import.toml");
/// The file that the facts of `host` must give, to the byte.
const HOST: &str = include_str!("importing/host.toml");

fn facts() -> TempDir {
    folder(&[("providers.json", PROVIDERS), ("models.json", MODELS), ("endpoints.json", ENDPOINTS)])
}

fn out() -> TempDir {
    folder(&[("import.toml", CORRECTIONS)])
}

fn import_into(out: &Path) -> Imported {
    import(facts().path(), out, "2026-11-22").unwrap()
}

#[test]
fn the_same_facts_give_the_same_files() {
    let (one, two) = (out(), out());
    assert_eq!(import_into(one.path()), import_into(two.path()));
    assert_eq!(contents(one.path()), contents(two.path()));
}

#[test]
fn importing_again_changes_nothing() {
    let out = out();
    let first = import_into(out.path());
    let before = contents(out.path());
    let second = import_into(out.path());
    assert_eq!(first.written, ["models/acme.toml", "models/openai.toml", "providers/host.toml"]);
    assert!(second.written.is_empty() && second.removed.is_empty());
    assert_eq!(contents(out.path()), before);
}

#[test]
fn a_file_has_this_format() {
    let out = out();
    import_into(out.path());
    let made = std::fs::read_to_string(out.path().join("providers/host.toml")).unwrap();
    assert_eq!(made, HOST);
}

#[test]
fn past_rows_are_dropped_and_unpriced_ones_kept_only_if_current() {
    let out = out();
    let imported = import_into(out.path());
    assert_eq!((imported.past, imported.unknown), (2, 1));
    assert_eq!((imported.counts.endpoints, imported.counts.priced, imported.counts.unconfirmed), (5, 3, 1));
}

#[test]
fn names_come_from_the_facts_the_corrections_or_the_slug() {
    let out = out();
    import_into(out.path());
    let catalog = load(Files::in_folder(out.path()).unwrap(), None, NOW).unwrap();
    let name = |slug: &str| catalog.models[&slug.parse().unwrap()].name.clone();
    assert_eq!(name("acme/one"), "Acme One");
    assert_eq!(name("acme/two-8x7b-v2"), "Two 8x7B v2");
    assert_eq!(name("openai/gpt-9o-mini"), "GPT-9o Mini");
    assert_eq!(name("acme/three"), "The Third");
}

#[test]
fn hand_written_files_stay_and_made_ones_that_no_fact_gives_go() {
    let out = out();
    let own = HOST.split_once('\n').unwrap().1.replace("\"Host\"", "\"Our Host\"");
    put(out.path(), "providers/host.toml", &own);
    put(
        out.path(),
        "models/gone.toml",
        "# Made by `souk catalog import`: what is wrong here is put right in import.toml, or in a file of your own.\nauthor = \"gone\"\n",
    );
    let imported = import_into(out.path());
    assert_eq!(imported.kept, ["providers/host.toml"]);
    assert_eq!(imported.removed, ["models/gone.toml"]);
    assert_eq!(std::fs::read_to_string(out.path().join("providers/host.toml")).unwrap(), own);
}

#[test]
fn facts_that_make_no_sense_change_nothing_and_say_which_record() {
    let check = |file: &str, from: &str, to: &str, expect: &str| {
        let (facts, out) = (facts(), out());
        let text = std::fs::read_to_string(facts.path().join(file)).unwrap();
        assert!(text.contains(from));
        put(facts.path(), file, &text.replace(from, to));
        let error = import(facts.path(), out.path(), "2026-11-22").unwrap_err().to_string();
        assert!(error.contains(expect), "{error}");
        assert!(contents(out.path()).iter().all(|(path, _)| path == "import.toml"));
    };
    check("endpoints.json", "\"0.0000012\"", "\"cheap\"", "endpoint acme/one at host: prices: `cheap` is not a price");
    check(
        "endpoints.json",
        "\"completion\"",
        "\"sugar\"",
        "endpoint acme/one at host: prices: `sugar` is not a billable unit",
    );
    check("endpoints.json", "acme/one", "acme/uno", "no model `acme/uno` is in models.json");
    check("endpoints.json", "\"2400\"", "\"2460\"", "`2460` is not a time HHMM");
    check(
        "providers.json",
        "https://{region}.host.ai/v1",
        "host.ai",
        "providers/host.toml:7: base_url: `host.ai` is not an address",
    );
    check("providers.json", "[\n", "[,", "providers.json: ");
    let error = import(facts().path(), out().path(), "tomorrow").unwrap_err();
    assert_eq!(error.to_string(), "`tomorrow` is not a day such as 2026-11-22");
}
