//! `POST /v2/embed`: vectors made from the words of a text, so that texts with the same words are near each other.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{Call, Sheet, refused};
use crate::exchange::Exchange;
use crate::node::{Node, Problem};
use crate::{Simulator, media, tokens};

const FIELDS: [&str; 10] = [
    "model",
    "input_type",
    "texts",
    "images",
    "inputs",
    "max_tokens",
    "output_dimension",
    "embedding_types",
    "truncate",
    "priority",
];

const TYPES: &[&str] = &["float", "int8", "uint8", "binary", "ubinary", "base64"];
const INPUT_TYPES: &[&str] = &["search_document", "search_query", "classification", "clustering", "image"];
const DIMENSIONS: [u32; 4] = [256, 512, 1024, 1536];
const DIMENSION: u32 = 1536;

const MAX_TEXTS: usize = 96;

/// What a good request asks for.
#[derive(Debug)]
struct Request<'v> {
    model: &'v str,
    /// Of each input: its text, and how many images it has.
    inputs: Vec<(String, u32)>,
    texts: Option<&'v Value>,
    types: Vec<&'static str>,
    dimension: u32,
}

pub(super) async fn create(
    State(simulator): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let id = simulator.ids.next();
    match begin(&Call { simulator: &simulator, id, headers, body }) {
        Ok((exchange, sheet, prompt)) => sheet.send(exchange, prompt).await,
        Err(refusal) => refused(*refusal),
    }
}

fn begin(call: &Call) -> Result<(Exchange, Sheet, u32), Box<Response>> {
    let body = call.open()?;
    let request = call.read(&body, Request::read)?;
    let (_, exchange) = call.begin(request.model)?;
    let text_tokens: u32 = request.inputs.iter().map(|(text, _)| tokens::weigh(text.len())).sum();
    let images: u32 = request.inputs.iter().map(|(_, images)| images).sum();
    let mut body = json!({
        "id": call.id.uuid(0),
        "embeddings": request.embeddings(),
        "meta": { "api_version": { "version": "2" } },
        "response_type": "embeddings_by_type",
    });
    if let Some(texts) = request.texts {
        body["texts"] = texts.clone();
    }
    if exchange.tells_usage() {
        let mut billed = json!({ "input_tokens": text_tokens });
        if images > 0 {
            billed["images"] = images.into();
        }
        body["meta"]["billed_units"] = billed;
    }
    let prompt = text_tokens.saturating_add(images.saturating_mul(tokens::PER_MEDIUM));
    Ok((exchange, Sheet { body, id: call.id }, prompt))
}

impl<'v> Request<'v> {
    fn read(root: &Node<'_, 'v>) -> Result<Self, Problem> {
        root.only(&FIELDS)?;
        let model = root.need("model")?.text()?;
        let Some(kind) = root.get("input_type") else {
            let text = "invalid request: valid input_type must be provided with the provided model";
            return Err(root.said(text, None));
        };
        kind.word(INPUT_TYPES)?;
        root.maybe("truncate", |field| field.word(&["NONE", "START", "END"]))?;
        root.maybe("max_tokens", |field| field.amount(1))?;
        root.maybe("priority", |field| field.integer(0..=999))?;
        let dimension = root.maybe("output_dimension", |field| field.amount(1))?.unwrap_or(DIMENSION);
        if !DIMENSIONS.contains(&dimension) {
            let text =
                format!("invalid request: output_dimension must be one of {DIMENSIONS:?} - received {dimension}.");
            return Err(root.said(text, None));
        }
        let mut types = Vec::new();
        if let Some(list) = root.get("embedding_types") {
            for kind in list.items_within(1..=usize::MAX)? {
                types.push(kind.word(TYPES)?);
            }
        }
        if types.is_empty() {
            types.push("float");
        }
        let texts = root.get("texts").map(|texts| texts.value());
        Ok(Self { model, inputs: inputs(root)?, texts, types, dimension })
    }

    fn embeddings(&self) -> Map<String, Value> {
        let vectors: Vec<Vec<f32>> =
            self.inputs.iter().map(|(text, images)| vector(text, *images, self.dimension as usize)).collect();
        let of_type = |kind: &&'static str| {
            let all = vectors.iter().map(|vector| encode(vector, kind)).collect();
            ((*kind).to_owned(), Value::Array(all))
        };
        self.types.iter().map(of_type).collect()
    }
}

/// The inputs, of which there is one kind.
fn inputs(root: &Node) -> Result<Vec<(String, u32)>, Problem> {
    let kinds = ["texts", "images", "inputs"];
    let mut given = kinds.into_iter().filter(|kind| root.get(kind).is_some());
    let (Some(kind), None) = (given.next(), given.next()) else {
        let text = "invalid request: exactly one of texts, images or inputs must be provided.";
        return Err(root.said(text, None));
    };
    let list = root.need(kind)?;
    let items = list.items_within(1..=usize::MAX)?;
    if items.len() > MAX_TEXTS {
        let got = items.len();
        let text = format!("invalid request: total number of {kind} must be at most {MAX_TEXTS} - received {got}.");
        return Err(list.said(text, None));
    }
    let mut inputs = Vec::new();
    for item in items {
        inputs.push(match kind {
            "texts" => (item.text()?.to_owned(), 0),
            "images" => {
                image(&item)?;
                (item.text()?.to_owned(), 1)
            }
            _ => mixed(&item)?,
        });
    }
    // An image weighs what it weighs, whatever its bytes.
    if kind == "images" {
        inputs.iter_mut().for_each(|(text, _)| text.truncate(0));
    }
    Ok(inputs)
}

fn mixed(input: &Node) -> Result<(String, u32), Problem> {
    input.only(&["content"])?;
    let content = input.need("content")?;
    let (mut text, mut images) = (String::new(), 0);
    for part in content.items_within(1..=usize::MAX)? {
        part.object()?;
        match part.need("type")?.word(&["text", "image_url"])? {
            "text" => {
                part.only(&["type", "text"])?;
                text.push_str(part.need("text")?.text()?);
                text.push(' ');
            }
            _ => {
                part.only(&["type", "image_url"])?;
                let url = part.need("image_url")?;
                url.only(&["url"])?;
                image(&url.need("url")?)?;
                images += 1;
            }
        }
    }
    text.truncate(text.trim_end().len());
    Ok((text, images))
}

fn image(uri: &Node) -> Result<(), Problem> {
    let good = media::data_url(uri.text()?)
        .is_some_and(|(kind, data)| media::IMAGE_TYPES.contains(&kind) && media::is_base64(data));
    if good { Ok(()) } else { Err(uri.said("invalid request: image must be a valid data URI.", None)) }
}

/// A unit vector with a part in one direction for each word, and one for each image.
fn vector(text: &str, images: u32, dimension: usize) -> Vec<f32> {
    let mut vector = vec![0.0_f32; dimension];
    let image = ["an image"].into_iter().cycle().take(images as usize);
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).chain(image) {
        let mut hasher = DefaultHasher::new();
        word.to_lowercase().hash(&mut hasher);
        let hash = hasher.finish();
        let at = (hash % dimension as u64) as usize;
        if let Some(place) = vector.get_mut(at) {
            *place += if hash >> 63 == 0 { 1.0 } else { -1.0 };
        }
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
    vector
}

fn encode(vector: &[f32], kind: &str) -> Value {
    let bits = || {
        let byte = |bits: &[f32]| bits.iter().fold(0_u8, |byte, x| byte << 1 | u8::from(*x > 0.0));
        vector.chunks(8).map(byte).collect::<Vec<u8>>()
    };
    match kind {
        "int8" => vector.iter().map(|x| (x * 127.0).round() as i8).collect::<Vec<_>>().into(),
        "uint8" => vector.iter().map(|x| (x * 127.0 + 128.0).round() as u8).collect::<Vec<_>>().into(),
        "ubinary" => bits().into(),
        "binary" => bits().into_iter().map(|byte| i16::from(byte) - 128).collect::<Vec<_>>().into(),
        "base64" => STANDARD.encode(vector.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>()).into(),
        _ => vector.to_vec().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_same_words_are_near_and_others_far() {
        let near =
            |a: &str, b: &str| -> f32 { vector(a, 0, 1536).iter().zip(vector(b, 0, 1536)).map(|(x, y)| x * y).sum() };
        assert!(near("the red boat", "Boat, red") > 0.8);
        assert!(near("the red boat", "seven lamps") < 0.2);
        assert!((near("a b c", "a b c") - 1.0).abs() < 1e-5);
    }

    #[test]
    fn each_type_says_the_same_signs() {
        let vector = [0.5, -0.5, 0.0, 0.5, 0.5, -0.5, -0.5, 0.5];
        assert_eq!(encode(&vector, "ubinary"), json!([0b1001_1001]));
        assert_eq!(encode(&vector, "binary"), json!([0b1001_1001 - 128]));
        assert_eq!(encode(&vector, "int8"), json!([64, -64, 0, 64, 64, -64, -64, 64]));
        assert_eq!(encode(&[1.0], "base64"), json!("AACAPw=="));
    }
}
