//! The README promises variables, commands and paths: it may not promise what is not there, nor keep silent on what is.

use std::path::Path;

use providers::catalog::{load, shipped};

const README: &str = include_str!("../../../README.md");
const CONFIG: &str = include_str!("../../src/config.rs");

#[test]
fn every_variable_of_the_configuration_is_in_the_readme() {
    let documented = CONFIG.lines().filter_map(|line| line.strip_prefix("//! | `")?.split_once('`'));
    let mut count = 0;
    for (variable, _) in documented {
        count += 1;
        assert!(README.contains(&format!("| `{variable}` |")), "{variable} is not in the README");
    }
    assert!(count >= 10, "the table in config.rs was not found");
}

#[test]
fn every_variable_of_a_provider_is_in_the_readme() {
    let catalog = load(shipped(), None, gateway::clock::now()).unwrap();
    for provider in catalog.providers.values().filter(|p| !p.simulated) {
        for variable in provider.env.iter().chain(&provider.token_env).chain(provider.url_variables.values()) {
            assert!(README.contains(&format!("`{variable}`")), "{variable} of {} is not in the README", provider.slug);
        }
    }
}

#[test]
fn every_path_that_the_readme_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let quoted = README.split('`').skip(1).step_by(2);
    let starts = ["app/", "server/", "frontend/", "migrations/", "style/", "end2end/", ".ci/"];
    let paths: Vec<&str> =
        quoted.filter(|text| starts.iter().any(|s| text.starts_with(s)) && !text.contains(['<', ' ', '{'])).collect();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        assert!(root.join(path).exists(), "README names {path}, which does not exist");
    }
}
