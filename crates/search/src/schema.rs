//! The fields of the index and how an entry becomes a document.
//!
//! What is shown (subject, predicate, graph, value) is stored; what is searched (words, names, owners) is
//! indexed; graph and mark are indexed too, so that a removed quad finds its document.

use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::document::Value;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};
use tantivy::{TantivyDocument, Term};

use crate::document::{Entry, Identity};
use crate::meaning::{self, Columns};
use crate::words::ANALYSER;

/// Marks a document that only its owner may see; beside it stands the owner, as `=ann`.
pub(crate) const HIDDEN: &str = "*";

/// The fields.
#[derive(Clone)]
pub(crate) struct Fields {
    pub subject: Field,
    pub predicate: Field,
    pub graph: Field,
    pub value: Field,
    pub mark: Field,
    pub text: Field,
    pub name: Field,
    pub about: Field,
    pub owner: Field,
    /// Empty where there are no vectors.
    pub meaning: Option<Columns>,
}

/// The schema; an index with another one was made by another version.
/// Rows of meaning have fields named by the version of the vectors, so that an index with others is seen as such.
pub(crate) fn schema(vectors: Option<u64>) -> (Schema, Fields) {
    let indexed = |tokenizer: &str, record, norms| {
        let indexing =
            TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record).set_fieldnorms(norms);
        TextOptions::default().set_indexing_options(indexing)
    };
    let exact = || indexed("raw", IndexRecordOption::Basic, false);
    let mut schema = Schema::builder();
    let fields = Fields {
        subject: schema.add_text_field("subject", STORED),
        predicate: schema.add_text_field("predicate", STORED),
        graph: schema.add_text_field("graph", exact() | STORED),
        value: schema.add_text_field("value", STORED),
        mark: schema.add_u64_field("mark", INDEXED | STORED),
        text: schema.add_text_field("text", indexed(ANALYSER, IndexRecordOption::WithFreqs, true)),
        name: schema.add_text_field("name", exact()),
        // With frequencies, although each is 1: tantivy skips blocks of low scores only where it can read them.
        about: schema.add_text_field("about", indexed("raw", IndexRecordOption::WithFreqs, false)),
        owner: schema.add_text_field("owner", exact() | FAST),
        meaning: vectors.map(|version| {
            let of_name = schema.add_u64_field(&meaning::flag_called(version), FAST);
            let numbers = meaning::numbers_called(version);
            let numbers = numbers.iter().map(|name| schema.add_u64_field(name, FAST)).collect();
            Columns::new(version, of_name, numbers)
        }),
    };
    (schema.build(), fields)
}

impl Fields {
    /// The document of an entry.
    pub fn document(&self, entry: &Entry) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_text(self.subject, &entry.identity.subject);
        document.add_text(self.predicate, &entry.predicate);
        document.add_text(self.graph, &entry.identity.graph);
        document.add_text(self.value, &entry.value);
        document.add_u64(self.mark, entry.identity.mark);
        if !entry.text.is_empty() {
            document.add_text(self.text, &entry.text);
        }
        for (field, key) in [(self.name, &entry.name), (self.about, &entry.about)] {
            if let Some(key) = key {
                document.add_text(field, key);
            }
        }
        if let Some(owner) = &entry.owner {
            document.add_text(self.owner, HIDDEN);
            document.add_text(self.owner, owned_by(owner));
        }
        if let (Some(columns), Some(meaning)) = (&self.meaning, &entry.meaning) {
            document.add_u64(columns.of_name, u64::from(meaning.of_name));
            for (field, eight) in columns.numbers.iter().zip(meaning.columns()) {
                document.add_u64(*field, eight);
            }
        }
        document
    }

    /// What is stored of a document: its identity, predicate and value.
    pub fn stored(&self, document: &TantivyDocument) -> Option<(Identity, String, String)> {
        let text = |field| document.get_first(field)?.as_str().map(str::to_owned);
        let mark = document.get_first(self.mark)?.as_u64()?;
        let identity = Identity { graph: text(self.graph)?, subject: text(self.subject)?, mark };
        Some((identity, text(self.predicate)?, text(self.value)?))
    }

    /// Finds the documents of one quad.
    pub fn exactly(&self, identity: &Identity) -> Box<dyn Query> {
        let must = |term| {
            let query: Box<dyn Query> = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
            (Occur::Must, query)
        };
        Box::new(BooleanQuery::new(vec![
            must(Term::from_field_text(self.graph, &identity.graph)),
            must(Term::from_field_u64(self.mark, identity.mark)),
        ]))
    }
}

/// How an owner is written in the index.
pub(crate) fn owned_by(owner: &str) -> String {
    format!("={owner}")
}
