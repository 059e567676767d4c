//! What goes by exactly this name: how a thing of an ontology is found by its label, whatever its case.
//!
//! One look-up in the dictionary of folded names and a few documents read; the written forms of lexicons are left
//! out, since those are found through the store.

use quid_core::ports::Hit;
use quid_core::text::LONGEST_LINE;
use quid_core::vocabulary::{DUMP, THING, WRITTEN_REP};
use quid_core::{Audience, Key};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet as _, TERMINATED, TantivyDocument, Term};

use crate::recall::hit;
use crate::{Index, SearchError};

/// Documents of one name that are read at most: of a word that everybody taught something about there are thousands.
const MOST_READ: usize = 256;

impl Index {
    /// See [`quid_core::Recall::named`]. Only what was loaded is looked for; what people taught is found by its IRI.
    pub(crate) fn called(&self, name: &str, _audience: &Audience, limit: usize) -> Result<Vec<Hit>, SearchError> {
        let mut found: Vec<Hit> = Vec::new();
        if name.len() > LONGEST_LINE {
            return Ok(found);
        }
        let key = Key::of(name);
        let failed = || SearchError::failed("looking for a name");
        let fresh = self.fresh();
        let searcher = self.searcher();
        let term = Term::from_field_text(self.fields.name, key.as_str());
        let mut read = 0;
        for (number, segment) in (0..).zip(searcher.segment_readers()) {
            let names = segment.inverted_index(self.fields.name).map_err(failed())?;
            let postings = names.read_postings(&term, IndexRecordOption::Basic);
            let Some(mut postings) = postings.map_err(|error| failed()(error.into()))? else { continue };
            while postings.doc() != TERMINATED && read < MOST_READ {
                let doc = postings.doc();
                postings.advance();
                if segment.is_deleted(doc) {
                    continue;
                }
                read += 1;
                let document: TantivyDocument = searcher.doc(DocAddress::new(number, doc)).map_err(failed())?;
                let Some((identity, predicate, value)) = self.fields.stored(&document) else { continue };
                let wanted = predicate != WRITTEN_REP.as_str()
                    && identity.graph.starts_with(DUMP)
                    && !identity.subject.starts_with(THING)
                    && !fresh.overrides(&identity);
                if wanted {
                    found.push(hit(&identity, &predicate, value, 0.0));
                }
            }
        }
        let order = |hit: &Hit| (hit.subject.clone(), hit.predicate.clone(), hit.text.clone(), hit.graph.clone());
        found.sort_by_cached_key(order);
        found.truncate(limit);
        Ok(found)
    }
}
