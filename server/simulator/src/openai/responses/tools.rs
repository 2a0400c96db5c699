//! The tools of a response, and which of them are to be called.

use crate::node::{Node, Problem};
use crate::openai::function;
use crate::script::{Choice, Tool};

const MAX_TOOLS: usize = 128;

const KINDS: &[&str] = &[
    "function",
    "custom",
    "web_search",
    "web_search_preview",
    "file_search",
    "computer_use_preview",
    "computer",
    "mcp",
    "code_interpreter",
    "image_generation",
    "local_shell",
    "shell",
    "apply_patch",
];

/// Tools that may be called and how.
#[derive(Debug, Default)]
pub(super) struct Tools<'v> {
    /// Functions and custom tools; what OpenAI runs itself is checked by its type and then never called.
    pub callable: Vec<Tool<'v>>,
    /// Names of those that take a free text.
    pub custom: Vec<&'v str>,
    pub choice: Choice<'v>,
}

/// Reads `tools` and `tool_choice`.
pub(super) fn read<'v>(root: &Node<'_, 'v>) -> Result<Tools<'v>, Problem> {
    let mut tools = Tools::default();
    if let Some(list) = root.get("tools") {
        for tool in list.items_within(0..=MAX_TOOLS)? {
            tools.add(&tool)?;
        }
    }
    if let Some(choice) = root.get("tool_choice") {
        tools.choose(&choice)?;
    }
    Ok(tools)
}

impl<'v> Tools<'v> {
    fn add(&mut self, tool: &Node<'_, 'v>) -> Result<(), Problem> {
        tool.object()?;
        match tool.need("type")?.word(KINDS)? {
            "function" => {
                tool.only(&[
                    "type",
                    "name",
                    "description",
                    "parameters",
                    "strict",
                    "defer_loading",
                    "allowed_callers",
                    "output_schema",
                    "async",
                ])?;
                let name = function::name(&tool.need("name")?)?;
                tool.maybe("description", |field| field.text())?;
                let strict = tool.maybe("strict", |field| field.flag())?.unwrap_or(false);
                let schema = tool.maybe("parameters", |field| function::parameters(field, name, strict))?;
                self.callable.push(Tool { name, schema });
            }
            "custom" => {
                tool.only(&["type", "name", "description", "format", "defer_loading", "allowed_callers", "async"])?;
                let name = function::name(&tool.need("name")?)?;
                tool.maybe("description", |field| field.text())?;
                tool.maybe("format", grammar)?;
                self.callable.push(Tool { name, schema: None });
                self.custom.push(name);
            }
            _ => {}
        }
        Ok(())
    }

    fn choose(&mut self, choice: &Node<'_, 'v>) -> Result<(), Problem> {
        if choice.value().is_string() {
            self.choice = match choice.word(&["none", "auto", "required"])? {
                "none" => Choice::None,
                "required" if self.callable.is_empty() => {
                    return Err(choice.said("Tool choice 'required' must be specified with 'tools' parameter.", None));
                }
                "required" => Choice::Any,
                _ => Choice::Auto,
            };
            return Ok(());
        }
        choice.object()?;
        match choice.need("type")?.text()? {
            kind @ ("function" | "custom") => {
                choice.only(&["type", "name"])?;
                let name = choice.need("name")?.text()?;
                if !self.has(kind, name) {
                    return Err(choice.said(format!("Tool choice '{kind}' not found in 'tools' parameter."), None));
                }
                self.choice = Choice::Named(name);
            }
            "allowed_tools" => self.allow(choice)?,
            kind if KINDS.contains(&kind) => {}
            kind => {
                let message = format!("Invalid value: '{kind}'.");
                return Err(choice.need("type")?.said(message, Some("invalid_value")));
            }
        }
        Ok(())
    }

    /// Keeps the tools that `{"type": "allowed_tools", "mode", "tools": [{"type", "name"}]}` lists.
    fn allow(&mut self, choice: &Node<'_, 'v>) -> Result<(), Problem> {
        choice.only(&["type", "mode", "tools"])?;
        self.choice =
            if choice.need("mode")?.word(&["auto", "required"])? == "auto" { Choice::Auto } else { Choice::Any };
        let list = choice.need("tools")?;
        let mut allowed = Vec::new();
        for tool in list.items_within(1..=MAX_TOOLS)? {
            let kind = tool.need("type")?.word(KINDS)?;
            let Some(name) = tool.get("name") else { continue };
            let name = name.text()?;
            if !self.has(kind, name) {
                return Err(tool.said(format!("Tool choice '{kind}' not found in 'tools' parameter."), None));
            }
            allowed.push(name);
        }
        self.callable.retain(|tool| allowed.contains(&tool.name));
        Ok(())
    }

    fn has(&self, kind: &str, name: &str) -> bool {
        let is_custom = self.custom.contains(&name);
        self.callable.iter().any(|tool| tool.name == name) && is_custom == (kind == "custom")
    }
}

/// The form of a custom tool's text: `{"type": "text"}` or a grammar.
fn grammar(format: &Node) -> Result<(), Problem> {
    format.object()?;
    if format.need("type")?.word(&["text", "grammar"])? == "text" {
        return format.only(&["type"]);
    }
    format.only(&["type", "syntax", "definition"])?;
    format.need("syntax")?.word(&["lark", "regex"])?;
    format.need("definition")?.text().map(drop)
}
