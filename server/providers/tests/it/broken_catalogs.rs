//! What is said about catalog files that are wrong.

use providers::catalog::{Files, load};

use crate::folders::{NOW, folder};

const MODELS: &str = r#"
author = "acme"
source = "us"
as_of = "2026-11-22"

[[models]]
slug = "acme/one"
name = "One"
kind = "chat"
"#;

const HEAD: &str = r#"slug = "host"
name = "Host"
kind = "host"
dialect = "openai_chat"
base_url = "https://api.host.ai/v1"
auth = "bearer"
source = "us"
as_of = "2026-11-22"
"#;

/// The faults of a catalog that has the model `acme/one` and this file laid over it.
fn faults(path: &str, text: &str) -> Vec<String> {
    let base = folder(&[
        ("models/acme.toml", MODELS),
        ("providers/other.toml", &HEAD.replace("\"host\"\nname", "\"other\"\nname")),
    ]);
    let overlay = folder(&[(path, text)]);
    match load(Files::in_folder(base.path()).unwrap(), Some(overlay.path()), NOW) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

/// A provider's file whose offer has these lines, from line 11 on.
fn with_offer(lines: &str) -> String {
    format!("{HEAD}\n[[offers]]\n{lines}\n")
}

#[track_caller]
fn check(path: &str, text: &str, expect: &[&str]) {
    let found = faults(path, text);
    assert_eq!(found.len(), expect.len(), "{found:#?}");
    for (found, expect) in found.iter().zip(expect) {
        assert!(found.starts_with(expect), "\nfound  {found}\nexpect {expect}");
    }
}

#[test]
fn a_good_overlay_has_no_faults() {
    check(
        "providers/host.toml",
        &with_offer("model = \"acme/one\"\nupstream_id = \"one\"\nprices = { prompt = \"0.1\" }"),
        &[],
    );
}

#[test]
fn a_fault_in_an_offer_names_file_line_and_field() {
    let check = |lines: &str, expect: &[&str]| check("providers/host.toml", &with_offer(lines), expect);
    let good = "model = \"acme/one\"\nupstream_id = \"one\"\n";
    let after_good = |line: &str| format!("{good}{line}");
    check(
        &after_good("prices = { prompt = \"abc\" }"),
        &[
            "providers/host.toml:13: offers[0].prices.prompt: `abc` is not a price: a plain decimal of US dollars per unit, 0 or more, at most $1,000,000, such as \"0.00000015\"",
        ],
    );
    check(
        &after_good("prices = { prompt = \"-1\" }"),
        &["providers/host.toml:13: offers[0].prices.prompt: `-1` is not a price"],
    );
    check(
        &after_good("prices = { prompt = 0.5 }"),
        &["providers/host.toml:13: offers[0].prices.prompt: invalid type: floating point `0.5`, expected a string"],
    );
    check(
        &after_good("prices = { sugar = \"1\" }"),
        &[
            "providers/host.toml:13: offers[0].prices.sugar: unknown variant `sugar`, expected one of `prompt`, `completion`,",
        ],
    );
    check(
        &after_good("colour = \"red\""),
        &["providers/host.toml:13: offers[0].colour: unknown field `colour`, expected one of `model`,"],
    );
    check("model = \"acme/one\"", &["providers/host.toml:10: offers[0]: missing field `upstream_id`"]);
    check(
        "model = \"acme/two\"\nupstream_id = \"two\"",
        &["providers/host.toml:11: offers[0].model: no model `acme/two` is in models/acme.toml"],
    );
    check(
        "model = \"Acme\"\nupstream_id = \"x\"",
        &["providers/host.toml:11: offers[0].model: `Acme` is not a model: author/slug"],
    );
    check(
        "model = \"acme/one:free\"\nupstream_id = \"one\"",
        &[
            "providers/host.toml:11: offers[0].model: goes without `:free`: write variant = \"free\"",
            "providers/host.toml:11: offers[0].model: no model `acme/one:free` is in models/acme.toml",
        ],
    );
    check(&after_good("tag = \"acme\""), &["providers/host.toml:13: offers[0].tag: `acme` must be `host` or `host/…`"]);
    check(
        &after_good("deprecation_date = \"22.11.2026\""),
        &["providers/host.toml:13: offers[0].deprecation_date: `22.11.2026` is not a day such as \"2026-11-22\""],
    );
    check(
        &after_good("context_length = 0"),
        &["providers/host.toml:13: offers[0].context_length: invalid value: integer `0`"],
    );
    check(
        &after_good("status = \"gone\""),
        &["providers/host.toml:13: offers[0].status: unknown variant `gone`, expected one of `current`"],
    );
    check(
        &after_good("capabilities = { fly = true }"),
        &["providers/host.toml:13: offers[0].capabilities.fly: unknown field `fly`"],
    );
    check(
        &after_good("overrides = [{ prices = { prompt = \"1\" } }]"),
        &["providers/host.toml:13: offers[0].overrides[0]: has no condition: it would replace the prices for good"],
    );
    check(
        &after_good("overrides = [{ utc_days = [8], prices = { prompt = \"1\" } }]"),
        &["providers/host.toml:13: offers[0].overrides[0]: utc_days are days of the week, 1 (Monday) to 7"],
    );
    check(
        &after_good("overrides = [{ from = \"soon\", prices = { prompt = \"1\" } }]"),
        &["providers/host.toml:13: offers[0].overrides[0]: from: `soon` is not a day such as \"2026-11-22\""],
    );
}

#[test]
fn a_fault_in_a_providers_head_names_file_line_and_field() {
    let check = |from: &str, to: &str, expect: &[&str]| check("providers/host.toml", &HEAD.replace(from, to), expect);
    check(
        "slug = \"host\"",
        "slug = \"hots\"",
        &["providers/host.toml:1: slug: `hots` must be the file's name, `host`"],
    );
    check("name = \"Host\"\n", "", &["providers/host.toml:1: missing field `name`"]);
    check(
        "\"openai_chat\"",
        "\"openai\"",
        &["providers/host.toml:4: dialect: unknown variant `openai`, expected one of `openai_chat`,"],
    );
    check(
        "\"bearer\"",
        "\"basic\"",
        &["providers/host.toml:6: auth: unknown variant `basic`, expected one of `bearer`,"],
    );
    check(
        "\"2026-11-22\"",
        "\"2026-02-30\"",
        &["providers/host.toml:8: as_of: `2026-02-30` is not a day such as \"2026-11-22\""],
    );
    for wrong in [
        "api.host.ai",
        "https://api.host.ai/v1/",
        "ftp://api.host.ai",
        "https://api.host.ai/{x",
        "https://u:p@host.ai",
        "https://a b",
    ] {
        let expect = format!("providers/host.toml:5: base_url: `{wrong}` is not an address such as");
        check("https://api.host.ai/v1", wrong, &[&expect]);
    }
    check(
        "https://api.host.ai",
        "https://{region}.host.ai",
        &[
            "providers/host.toml:5: base_url: `{region}` needs an environment variable: url_variables = { region = \"…\" }",
        ],
    );
    check(
        "source",
        "url_variables = { region = \"HOST_REGION\" }\nsource",
        &["providers/host.toml:7: url_variables.region: no address has a `{region}`"],
    );
    check(
        "source",
        "env = [\"key\"]\nsource",
        &["providers/host.toml:7: env: `key` is not the name of an environment variable"],
    );
    check(
        "source",
        "quirks = { temperature_max = \"hot\" }\nsource",
        &["providers/host.toml:7: quirks.temperature_max: `hot` is not a decimal number"],
    );
    check(
        "source",
        "sauce",
        &["providers/host.toml:1: missing field `source`", "providers/host.toml:7: sauce: unknown field `sauce`"],
    );
}

#[test]
fn two_offers_under_one_tag_are_a_fault() {
    let offer = "[[offers]]\nmodel = \"acme/one\"\nupstream_id = \"one\"\n";
    let twice = format!("{HEAD}\n{offer}\n{offer}");
    check(
        "providers/host.toml",
        &twice,
        &["providers/host.toml:15: offers[1].model: `host` offers `acme/one` twice under this tag"],
    );
    let other_tag = format!("{HEAD}\n{offer}\n{offer}tag = \"host/eu\"\n");
    check("providers/host.toml", &other_tag, &[]);
}

#[test]
fn a_fault_in_a_models_file_names_file_line_and_field() {
    let check = |from: &str, to: &str, expect: &[&str]| check("models/acme.toml", &MODELS.replace(from, to), expect);
    check(
        "author = \"acme\"",
        "author = \"acne\"",
        &["models/acme.toml:2: author: `acne` must be the file's name, `acme`"],
    );
    check(
        "\"acme/one\"",
        "\"other/one\"",
        &["models/acme.toml:7: models[0].slug: `other/one` must be `acme/…`, without a variant"],
    );
    check(
        "\"chat\"",
        "\"talk\"",
        &["models/acme.toml:9: models[0].kind: unknown variant `talk`, expected one of `chat`,"],
    );
    check(
        "\"One\"",
        "\"\"",
        &["models/acme.toml:8: models[0].name: `` is not text: it is empty or longer than 1,000 bytes"],
    );
    let twice = format!("{MODELS}\n[[models]]\nslug = \"acme/one\"\nname = \"One\"\nkind = \"chat\"\n");
    check(MODELS, &twice, &["models/acme.toml:12: models[1].slug: `acme/one` is there twice"]);
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let text = with_offer("model = \"acme/one\"\nupstream_id = \"one\"\nprices = { prompt = \"a\", completion = \"b\" }\ncolour = 1\n\n[[offers]]\nmodel = \"acme/nope\"\nupstream_id = 1")
        .replace("\"bearer\"", "\"basic\"");
    check(
        "providers/host.toml",
        &text,
        &[
            "providers/host.toml:6: auth: unknown variant `basic`",
            "providers/host.toml:13: offers[0].prices.completion: `b` is not a price",
            "providers/host.toml:13: offers[0].prices.prompt: `a` is not a price",
            "providers/host.toml:14: offers[0].colour: unknown field `colour`",
            "providers/host.toml:18: offers[1].upstream_id: invalid type: integer `1`, expected a string",
        ],
    );
}

#[test]
fn text_that_is_no_toml_is_told_by_line() {
    check("providers/host.toml", &HEAD.replace("\"Host\"", "\"Host"), &["providers/host.toml:2: "]);
    let twice = format!("{HEAD}name = \"Again\"\n");
    check("providers/host.toml", &twice, &["providers/host.toml:9: duplicate key"]);
}

#[test]
fn a_folder_that_is_not_there_or_misspelled_is_a_fault() {
    let base = folder(&[("models/acme.toml", MODELS), ("providers/.keep", "")]);
    let files = || Files::in_folder(base.path()).unwrap();
    let missing = base.path().join("nowhere");
    let faults = load(files(), Some(&missing), NOW).unwrap_err();
    assert!(faults[0].to_string().starts_with(&format!("{}: cannot be read: ", missing.display())), "{faults:?}");
    check("provider/host.toml", HEAD, &["provider/host.toml: is neither in `providers` nor in `models`"]);
}

#[test]
fn an_overlay_replaces_a_file_as_a_whole_and_takes_away_what_it_does_not_list() {
    let provider = with_offer("model = \"acme/one\"\nupstream_id = \"one\"");
    let base = folder(&[("models/acme.toml", MODELS), ("providers/host.toml", &provider)]);
    let overlay = folder(&[
        ("models/acme.toml", &MODELS.replace("acme/one", "acme/two")),
        ("README.md", "hello"),
        ("notes/x.txt", ""),
    ]);
    let files = || Files::in_folder(base.path()).unwrap();
    let (before, after) = (load(files(), None, NOW).unwrap(), load(files(), Some(overlay.path()), NOW).unwrap());
    assert_eq!(before.endpoints.len(), 1);
    assert!(after.endpoints.is_empty());
    assert!(
        after.models.contains_key(&"acme/two".parse().unwrap())
            && !after.models.contains_key(&"acme/one".parse().unwrap())
    );
    assert_ne!(before.digest, after.digest);
}
