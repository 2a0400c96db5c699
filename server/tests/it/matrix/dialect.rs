//! The protocols of providers, each as a catalog file over the simulator, with a model for each case.

use std::fmt::Write as _;
use std::fs;

use tempfile::TempDir;

use super::ask::Case;

#[derive(Debug)]
pub struct Row {
    pub name: &'static str,
    dialect: &'static str,
    /// Behind the simulator's address.
    path: &'static str,
    /// Lines of the provider's file.
    more: &'static str,
    /// Whether the protocol shows thoughts, and counts them.
    pub shows_reasoning: bool,
    pub counts_reasoning: bool,
    /// Whether it caches only what is marked.
    pub caches_marked: bool,
}

pub const DIALECTS: &[Row] = &[
    Row {
        name: "openai-chat",
        dialect: "openai_chat",
        path: "/openai/v1",
        more: "auth = \"bearer\"\n[quirks]\nmax_tokens = \"max_completion_tokens\"\nreasoning_replay = true\ndeveloper_role = true\n",
        shows_reasoning: true,
        counts_reasoning: true,
        caches_marked: false,
    },
    Row {
        name: "openai-responses",
        dialect: "openai_responses",
        path: "/openai/v1",
        more: "auth = \"bearer\"\n",
        shows_reasoning: true,
        counts_reasoning: true,
        caches_marked: false,
    },
    Row {
        name: "anthropic",
        dialect: "anthropic",
        path: "/anthropic/v1",
        more: "auth = { header = \"x-api-key\" }\n",
        shows_reasoning: true,
        // The protocol counts thoughts as any other output.
        counts_reasoning: false,
        caches_marked: true,
    },
    Row {
        name: "gemini",
        dialect: "gemini",
        path: "/gemini/v1beta",
        more: "auth = { header = \"x-goog-api-key\" }\n",
        shows_reasoning: true,
        counts_reasoning: true,
        caches_marked: false,
    },
    Row {
        name: "bedrock",
        dialect: "bedrock",
        path: "/bedrock",
        more: "auth = \"bearer\"\n",
        shows_reasoning: true,
        // As Anthropic's.
        counts_reasoning: false,
        caches_marked: true,
    },
    Row {
        name: "cohere",
        dialect: "cohere",
        path: "/cohere/v2",
        more: "auth = \"bearer\"\n",
        shows_reasoning: true,
        // Thoughts are billed as output.
        counts_reasoning: false,
        caches_marked: false,
    },
    Row {
        name: "azure",
        dialect: "azure",
        path: "/azure/openai/v1",
        more: "auth = { header = \"api-key\" }\n[quirks]\nmax_tokens = \"max_completion_tokens\"\nreasoning_replay = true\ndeveloper_role = true\n",
        shows_reasoning: true,
        counts_reasoning: true,
        caches_marked: false,
    },
    Row {
        name: "azure-deployments",
        dialect: "azure",
        path: "/azure/openai",
        more: "auth = { header = \"api-key\" }\n[quirks]\npath = \"/deployments/{model}/{route}?api-version=2024-10-21\"\n\
            max_tokens = \"max_completion_tokens\"\nreasoning_replay = true\ndeveloper_role = true\n",
        shows_reasoning: true,
        counts_reasoning: true,
        caches_marked: false,
    },
];

/// What is asked beside chats: the model's name, kind and output, and the price of an offer.
const TASKS: [(&str, &str, &str, &str); 2] = [
    ("embed", "embedding", "embeddings", "prompt = \"0.000001\""),
    ("rerank", "rerank", "other", "request = \"0.001\""),
];

impl Row {
    /// Why the protocol has no vectors, or no rankings.
    pub fn lacks_task(&self, task: &str) -> Option<&'static str> {
        match (self.dialect, task) {
            ("openai_responses" | "anthropic" | "bedrock", _) => Some("the protocol has chats alone"),
            ("azure" | "gemini", "rerank") => Some("the protocol has no rankings"),
            ("openai_chat", "rerank") => {
                Some("the simulator has none at that address: rankings of such hosts are tested by their requests")
            }
            _ => None,
        }
    }

    /// Why the protocol cannot be asked that.
    pub fn lacks(&self, case: Case) -> Option<&'static str> {
        match (self.dialect, case) {
            ("cohere", Case::Refusal) => Some("the protocol has no refusals"),
            ("cohere", Case::CachedPrompt) => {
                Some("the protocol cannot be asked to cache, and its figure is the host's")
            }
            _ => None,
        }
    }
}

pub fn model(row: &Row, case: Case) -> String {
    format!("matrix/{}-{}", row.name, format!("{case:?}").to_lowercase())
}

/// A folder for `SOUK_CATALOG_DIR`.
pub fn overlay() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("models")).unwrap();
    fs::create_dir(folder.path().join("providers")).unwrap();
    let mut models = "author = \"matrix\"\nsource = \"test\"\nas_of = \"2026-11-22\"\n".to_owned();
    for row in DIALECTS {
        let (name, dialect, path) = (row.name, row.dialect, row.path);
        // Here the maker's name in the id says in which words to ask for thoughts.
        let maker = if row.dialect == "bedrock" { "anthropic." } else { "" };
        let (top, quirks) = row.more.split_once("[quirks]").unwrap_or((row.more, ""));
        let mut file = format!(
            "slug = \"matrix-{name}\"\nname = \"Matrix {name}\"\nkind = \"host\"\ndialect = \"{dialect}\"\nenv = [\"MATRIX_KEY\"]\n\
             base_url = \"{{simulator}}{path}\"\nurl_variables = {{ simulator = \"SOUK_SIMULATOR_URL\" }}\nsource = \"test\"\nas_of = \"2026-11-22\"\n\
             {top}\n[quirks]\ncancels_on_disconnect = true\n{quirks}\n"
        );
        for case in Case::ALL {
            let model = model(row, case);
            let capabilities = format!(
                "capabilities = {{ tools = true, structured_outputs = true, reasoning = {} }}",
                case.upstream_id().starts_with("sim-reasoner")
            );
            writeln!(
                models,
                "\n[[models]]\nslug = \"{model}\"\nname = \"{model}\"\nkind = \"chat\"\ncontext_length = 200000\nmax_output = 32000\n\
                 input_modalities = [\"text\", \"image\"]\noutput_modalities = [\"text\"]\n{capabilities}"
            )
            .unwrap();
            writeln!(
                file,
                "\n[[offers]]\nmodel = \"{model}\"\nupstream_id = \"{maker}{}\"\n\
                 prices = {{ prompt = \"0.000001\", completion = \"0.000002\", cache_read = \"0.0000001\", cache_write = \"0.00000125\" }}",
                case.upstream_id()
            )
            .unwrap();
        }
        for (task, kind, modality, price) in TASKS {
            for (suffix, knobs) in [("", ""), ("-refused", "?fault=status:429,7")] {
                let model = format!("matrix/{name}-{task}{suffix}");
                writeln!(
                    models,
                    "\n[[models]]\nslug = \"{model}\"\nname = \"{model}\"\nkind = \"{kind}\"\ncontext_length = 8192\n\
                     input_modalities = [\"text\"]\noutput_modalities = [\"{modality}\"]"
                )
                .unwrap();
                writeln!(
                    file,
                    "\n[[offers]]\nmodel = \"{model}\"\nupstream_id = \"sim-{task}{knobs}\"\nprices = {{ {price} }}"
                )
                .unwrap();
            }
        }
        fs::write(folder.path().join(format!("providers/matrix-{name}.toml")), file).unwrap();
    }
    fs::write(folder.path().join("models/matrix.toml"), models).unwrap();
    folder
}
