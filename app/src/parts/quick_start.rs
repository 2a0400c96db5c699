//! The first request in three languages.

use leptos::prelude::*;

use crate::parts::CodeBlock;

/// `api_base` is that of this server; `model` a slug.
#[component]
pub fn QuickStart(id: &'static str, #[prop(into)] api_base: String, #[prop(into)] model: String) -> impl IntoView {
    view! { <CodeBlock id samples=samples(&api_base, &model)/> }
}

fn samples(api_base: &str, model: &str) -> Vec<(&'static str, String)> {
    let curl = format!(
        r#"curl {api_base}/chat/completions \
  -H "Authorization: Bearer $SOUK_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{{
    "model": "{model}",
    "messages": [{{"role": "user", "content": "Hello"}}]
  }}'"#
    );
    let python = format!(
        r#"import os
from openai import OpenAI

client = OpenAI(base_url="{api_base}", api_key=os.environ["SOUK_API_KEY"])
answer = client.chat.completions.create(
    model="{model}",
    messages=[{{"role": "user", "content": "Hello"}}],
)
print(answer.choices[0].message.content)"#
    );
    let typescript = format!(
        r#"import OpenAI from "openai";

const client = new OpenAI({{ baseURL: "{api_base}", apiKey: process.env.SOUK_API_KEY }});
const answer = await client.chat.completions.create({{
  model: "{model}",
  messages: [{{ role: "user", content: "Hello" }}],
}});
console.log(answer.choices[0].message.content);"#
    );
    vec![("curl", curl), ("Python", python), ("TypeScript", typescript)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_names_the_server_and_the_model() {
        for (title, text) in samples("http://127.0.0.1:3000/api/v1", "author/model:free") {
            assert!(
                text.contains("http://127.0.0.1:3000/api/v1") && text.contains("\"author/model:free\""),
                "{title}: {text}"
            );
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{title}");
        }
    }
}
