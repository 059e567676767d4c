//! The fifth column: what ConceptNet says of an assertion, as JSON.
//!
//! Most columns of a dataset are the same text over and over, so the last ones read are remembered. What the
//! known members do not cover is kept as it stands: nothing is lost.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::uri::shown;

/// Texts remembered at most.
const REMEMBERED: usize = 4096;

/// What is said of an assertion, members that are there only.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Edge {
    pub(crate) dataset: String,
    pub(crate) licence: Option<String>,
    /// The list of sources, as compact JSON.
    pub(crate) sources: Option<Arc<str>>,
    pub(crate) weight: Option<f64>,
    pub(crate) surface: Option<Surface>,
    /// The column itself, when it says more than the other fields can.
    pub(crate) more: Option<String>,
}

/// The sentence an assertion was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Surface {
    pub(crate) text: String,
    /// Start and end, unless they are the first and second bracketed words of the text.
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
}

impl Surface {
    /// Keeps start and end only where the text does not say them.
    fn new(text: String, start: Option<String>, end: Option<String>) -> Self {
        let (first, second) = bracketed(&text);
        if start.is_some() && end.is_some() && (first, second) == (start.as_deref(), end.as_deref()) {
            return Self { text, start: None, end: None };
        }
        Self { text, start, end }
    }

    /// Start and end as they were written.
    fn ends(&self) -> (Option<&str>, Option<&str>) {
        if self.start.is_none() && self.end.is_none() {
            return bracketed(&self.text);
        }
        (self.start.as_deref(), self.end.as_deref())
    }
}

/// The first two texts between double brackets: `[[a knife]] is used for [[cutting]]`.
pub(crate) fn bracketed(text: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = text.split("[[").skip(1).map(|part| part.split_once("]]").map(|(inside, _)| inside));
    let first = parts.next().flatten();
    (first, parts.next().flatten())
}

/// What is wrong with a column: the byte of it (from 1), what is there, what should be.
pub(crate) type Wrong = (usize, String, &'static str);

/// Reads columns, remembering those that come again and again.
#[derive(Default)]
pub(crate) struct Edges {
    known: HashMap<String, Arc<Edge>>,
}

impl Edges {
    /// Reads a column.
    pub(crate) fn read(&mut self, text: &str) -> Result<Arc<Edge>, Wrong> {
        if let Some(known) = self.known.get(text) {
            return Ok(Arc::clone(known));
        }
        let edge = Arc::new(Edge::read(text)?);
        if edge.surface.is_none() {
            if self.known.len() >= REMEMBERED {
                self.known.clear();
            }
            self.known.insert(text.to_owned(), Arc::clone(&edge));
        }
        Ok(edge)
    }
}

impl Edge {
    fn read(text: &str) -> Result<Self, Wrong> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let said = error.to_string();
            let said = said.split(" at line").next().unwrap_or(&said).to_owned();
            (error.column().max(1), format!("broken JSON: {said}"), "a JSON object")
        })?;
        let Value::Object(members) = &value else {
            return Err((1, "JSON that is no object".to_owned(), "a JSON object with dataset, weight and sources"));
        };
        let dataset = match members.get("dataset") {
            Some(Value::String(dataset)) if is_dataset(dataset) => dataset.clone(),
            Some(other) => return Err((1, format!("`{other}` is no dataset"), "a dataset (\"/d/NAME\")")),
            None => return Err((1, "no dataset".to_owned(), "a dataset (\"/d/NAME\")")),
        };
        let weight = match members.get("weight") {
            None => None,
            Some(weight) => Some(
                weight
                    .as_f64()
                    .ok_or_else(|| (1, format!("`{}` is no weight", shown(&weight.to_string())), "a number"))?,
            ),
        };
        // The JSON reader may be off by the last bit; the text is not.
        let exact = weight.and_then(|about| exact_weight(text, about));
        let string = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let edge = Self {
            dataset,
            licence: string("license"),
            sources: members.get("sources").filter(|list| list.is_array()).map(|list| list.to_string().into()),
            weight: exact.or(weight),
            surface: string("surfaceText")
                .map(|sentence| Surface::new(sentence, string("surfaceStart"), string("surfaceEnd"))),
            more: None,
        };
        // What the fields do not give back is kept word for word.
        let whole = edge.is_like(members) && exact.is_some() == weight.is_some();
        Ok(Self { more: (!whole).then(|| text.to_owned()), ..edge })
    }

    /// The column: what it was, compared by value.
    pub(crate) fn column(&self) -> String {
        if let Some(more) = &self.more {
            return more.clone();
        }
        let mut members = Map::new();
        members.insert("dataset".to_owned(), self.dataset.clone().into());
        if let Some(licence) = &self.licence {
            members.insert("license".to_owned(), licence.clone().into());
        }
        if let Some(sources) = &self.sources
            && let Ok(sources) = serde_json::from_str(sources)
        {
            members.insert("sources".to_owned(), sources);
        }
        if let Some(surface) = &self.surface {
            let (start, end) = surface.ends();
            for (name, part) in [("surfaceEnd", end), ("surfaceStart", start), ("surfaceText", Some(&*surface.text))] {
                if let Some(part) = part {
                    members.insert(name.to_owned(), part.into());
                }
            }
        }
        if let Some(weight) = self.weight {
            members.insert("weight".to_owned(), weight.into());
        }
        Value::Object(members).to_string()
    }

    /// Whether the fields say all that the members do, and no more.
    fn is_like(&self, members: &Map<String, Value>) -> bool {
        let strings = |name: &str, field: Option<&str>| match members.get(name) {
            None => field.is_none(),
            Some(value) => value.as_str().is_some_and(|text| Some(text) == field),
        };
        let (start, end) = self.surface.as_ref().map_or((None, None), Surface::ends);
        let known = ["dataset", "license", "sources", "weight", "surfaceText", "surfaceStart", "surfaceEnd"];
        members.keys().all(|name| known.contains(&name.as_str()))
            && strings("license", self.licence.as_deref())
            && strings("surfaceText", self.surface.as_ref().map(|surface| &*surface.text))
            && strings("surfaceStart", start)
            && strings("surfaceEnd", end)
            && self.sources.is_some() == members.contains_key("sources")
            && members.get("sources").is_none_or(is_without_numbers)
    }
}

/// The number that follows the last `"weight":`, when it is the one that was read.
fn exact_weight(text: &str, about: f64) -> Option<f64> {
    let (_, after) = text.rsplit_once("\"weight\"")?;
    let after = after.trim_start().strip_prefix(':')?.trim_start();
    let end = after.find([',', '}', ' ', '\t', '\n', '\r']).unwrap_or(after.len());
    let exact: f64 = after.get(..end)?.parse().ok()?;
    ((exact - about).abs() <= about.abs() * 1e-14).then_some(exact)
}

fn is_without_numbers(value: &Value) -> bool {
    match value {
        Value::Number(_) => false,
        Value::Array(list) => list.iter().all(is_without_numbers),
        Value::Object(members) => members.values().all(is_without_numbers),
        _ => true,
    }
}

/// Whether this is a name that a source can have, and that can be given back.
fn is_dataset(text: &str) -> bool {
    text.starts_with("/d/") && text.len() > 3 && !text.contains(|c: char| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Equal as JSON values are, where 1 and 1.0 are the same number.
    fn same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
            }
            (Value::Object(one), Value::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
            }
            _ => one == other,
        }
    }

    fn value(edge: &Edge) -> Value {
        serde_json::from_str(&edge.column()).expect("JSON")
    }

    #[test]
    fn weights_keep_their_last_bit() {
        for text in ["2.8284271247461903", "0.19399999999999995", "1e-7", "920548439.2893097", "-0.5", "3"] {
            let edge = Edge::read(&format!("{{\"dataset\": \"/d/x\", \"weight\": {text}}}")).expect("good");
            let weight: f64 = text.parse().expect("a number");
            assert_eq!((edge.weight.map(f64::to_bits), &edge.more), (Some(weight.to_bits()), &None), "{text}");
        }
    }

    #[test]
    fn every_column_comes_back_by_value() {
        let plain =
            json!({"dataset": "/d/x", "license": "cc:by/4.0", "sources": [{"contributor": "/s/a"}], "weight": 1.0});
        let with = |name: &str, value: Value| {
            let mut column = plain.clone();
            column[name] = value;
            column
        };
        let surface = |text: &str, start: Value, end: Value| {
            let mut column = with("surfaceText", text.into());
            column["surfaceStart"] = start;
            column["surfaceEnd"] = end;
            column
        };
        for (column, kept_whole) in [
            (plain.clone(), false),
            (with("weight", json!(2)), false),
            (with("weight", json!(2.828_427_124_746_19)), false),
            (surface("[[a]] is [[b]]", "a".into(), "b".into()), false),
            (surface("at [[b]] is [[a]]", "a".into(), "b".into()), false),
            (surface("nothing", "a".into(), "b".into()), false),
            (surface("[[a]] is [[b]]", Value::Null, "b".into()), true),
            (with("surfaceText", "[[a]] is [[b]]".into()), true),
            (with("surfaceText", Value::Null), true),
            (with("surfaceStart", "a".into()), true),
            (with("features", json!([1])), true),
            (with("sources", json!("x")), true),
            (with("sources", json!([{"contributor": "/s/a", "weight": 0.1}])), true),
            (json!({"dataset": "/d/x", "weight": 2.5, "more": {"weight": 1}}), true),
            (with("license", json!(4)), true),
            (json!({"dataset": "/d/x"}), false),
        ] {
            let edge = Edge::read(&column.to_string()).unwrap_or_else(|wrong| panic!("{column}: {wrong:?}"));
            assert_eq!(edge.more.is_some(), kept_whole, "{column}");
            assert!(same(&value(&edge), &column), "{column} became {}", edge.column());
        }
    }

    #[test]
    fn broken_columns_are_named_with_their_place() {
        for (text, at, message) in [
            ("{\"dataset\": \"/d/x", 17, "broken JSON: EOF while parsing a string"),
            ("{\"dataset\": }", 13, "broken JSON: expected value"),
            ("[]", 1, "JSON that is no object"),
            ("{}", 1, "no dataset"),
            ("{\"dataset\": \"x\"}", 1, "`\"x\"` is no dataset"),
            ("{\"dataset\": \"/d/a b\"}", 1, "`\"/d/a b\"` is no dataset"),
            ("{\"dataset\": \"/d/x\", \"weight\": \"1\"}", 1, "`\"1\"` is no weight"),
            ("", 1, "broken JSON: EOF while parsing a value"),
        ] {
            let (column, said, _) = Edge::read(text).expect_err(text);
            assert_eq!((column, said.as_str()), (at, message), "{text}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-1e9..1e9f64).prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            "\\[\\[[a-c]\\]\\] x \\[\\[[a-c]\\]\\]".prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::vec(("[a-d]", inner), 0..3)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_comes_back(
            members in proptest::collection::vec((
                prop_oneof![
                    Just("weight"), Just("license"), Just("sources"), Just("surfaceText"), Just("surfaceStart"),
                    Just("surfaceEnd"), Just("other"),
                ],
                any_json(),
            ), 0..7)
        ) {
            let mut column: Map<String, Value> =
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            column.insert("dataset".to_owned(), "/d/x".into());
            let column = Value::Object(column);
            if let Ok(edge) = Edge::read(&column.to_string()) {
                // Read once as the result is, since reading may be off by a number's last bit.
                let read: Value = serde_json::from_str(&column.to_string()).expect("JSON");
                prop_assert!(same(&value(&edge), &read), "{} became {}", column, edge.column());
            }
        }
    }
}
