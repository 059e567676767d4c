//! Where another server is asked and where it is written to.

use super::{Allow, Client, Login};

/// A SPARQL 1.1 server as the knowledge base.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where it is asked.
    pub query: String,
    /// Where it is written to.
    pub update: String,
    /// Who asks.
    pub login: Option<Login>,
}

impl Place {
    /// The server that is asked at this address. Where it is written to follows from that, as the usual servers have
    /// it: `…/query` and `…/update`, `…/repositories/NAME` and `…/repositories/NAME/statements`, else the same.
    ///
    /// # Errors
    /// When it is no address.
    pub fn of(query: &str) -> Result<Self, String> {
        Allow::server(query)?;
        let plain = query.trim_end_matches('/');
        let update = match plain.rsplit_once('/') {
            Some((before, "query")) => format!("{before}/update"),
            Some((before, _)) if before.ends_with("/repositories") => format!("{plain}/statements"),
            _ => plain.to_owned(),
        };
        Ok(Self { query: plain.to_owned(), update, login: None })
    }

    /// With another address to write to.
    #[must_use]
    pub fn with_update(mut self, update: Option<String>) -> Self {
        if let Some(update) = update {
            self.update = update;
        }
        self
    }

    /// Showing who asks.
    #[must_use]
    pub fn with_login(mut self, login: Option<Login>) -> Self {
        self.login = login;
        self
    }

    /// A client for it.
    pub(super) fn client(&self, address: &str) -> Result<Client, String> {
        Ok(Client::new(Allow::server(address)?).with_login(self.login.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_write_follows_from_where_to_ask() {
        for (query, update) in [
            ("http://localhost:7878/query", "http://localhost:7878/update"),
            ("http://localhost:7200/repositories/kb", "http://localhost:7200/repositories/kb/statements"),
            ("http://localhost:8890/sparql", "http://localhost:8890/sparql"),
            ("http://localhost:8890/sparql/", "http://localhost:8890/sparql"),
            ("https://db.cluster.example:8182/sparql", "https://db.cluster.example:8182/sparql"),
        ] {
            assert_eq!(Place::of(query).expect(query).update, update);
        }
        assert!(Place::of("kb").is_err());
    }
}
