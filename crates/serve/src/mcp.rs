//! The Model Context Protocol: the brain as a memory for language models, over HTTP and over standard input.
//!
//! What a model sends is data. It may ask, and teach when its token (or whoever started it) allows that; it never has
//! the rights of an operator. What goes back quotes stored text as text, so that nothing stored reads as an order.

mod chat;
mod graph;
mod look;
mod memory;
mod resources;
mod write;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use quid_core::{Audience, Fault, Place, Rights, Speaker};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, JsonObject,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt as _};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::behind::{Behind, May};
use crate::room::{Raise, Room};
use crate::who::{Caller, Role};

/// Every tool with its description and schemas: data, written for language models.
const TOOLS: &str = include_str!("mcp/tools.json");
/// What a model is told of all this when it connects.
const INSTRUCTIONS: &str = include_str!("mcp/instructions.txt");
/// How long a call may take at the standard input, where no configuration says so.
const LONGEST: Duration = Duration::from_mins(1);
/// The longest name of a program that is kept, in characters.
const LONGEST_NAME: usize = 40;

/// The protocol's side of one brain.
#[derive(Clone)]
struct Mcp {
    behind: Arc<dyn Behind>,
    /// Who asks, where no request says so.
    caller: Caller,
    longest: Duration,
}

/// One call of a tool: who makes it, and with what.
struct Call {
    behind: Arc<dyn Behind>,
    speaker: Speaker,
    place: Place,
    may: May,
    arguments: JsonObject,
    stop: Arc<AtomicBool>,
}

/// What a tool gives: words for the model, and the same as data.
struct Given {
    words: String,
    data: Value,
    failed: bool,
}

impl Given {
    fn good(words: String, data: Value) -> Self {
        Self { words, data, failed: false }
    }
}

/// Why a tool gave nothing, in words that the model is told.
struct Refusal(String);

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self(fault.to_string())
    }
}

impl Call {
    fn audience(&self) -> Audience {
        Audience { name: self.speaker.identity(), place: self.place.clone() }
    }

    /// Reads the arguments as what the tool takes.
    fn takes<T: serde::de::DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_value(Value::Object(self.arguments.clone()))
            .map_err(|why| Refusal(format!("the arguments do not fit the tool's schema: {why}")))
    }

    /// Refuses who may only ask.
    fn writes(&self) -> Result<(), Refusal> {
        match self.may {
            May::Teach => Ok(()),
            May::Ask => Err(Refusal("this token allows to read only; nothing was changed".to_owned())),
        }
    }

    fn run(&self, tool: &str) -> Result<Given, Refusal> {
        match tool {
            "ask" => chat::ask(self),
            "learn" => chat::learn(self),
            "undo" => chat::undo(self),
            "why" => chat::why(self),
            "search" => look::search(self),
            "sparql" => look::sparql(self),
            _ => memory::run(self, tool),
        }
    }
}

impl Mcp {
    /// The tools; those that write only for whoever may.
    fn tools(may: May) -> Vec<Tool> {
        let tools: Vec<Tool> = serde_json::from_str(TOOLS).expect("the file of tools is tested");
        let reads = |tool: &Tool| tool.annotations.as_ref().and_then(|hints| hints.read_only_hint) == Some(true);
        tools.into_iter().filter(|tool| may == May::Teach || reads(tool)).collect()
    }

    /// Who makes a request. Over HTTP its token says so; else whoever started the program, through the client named.
    fn caller(&self, context: &RequestContext<RoleServer>) -> (Speaker, Place, May) {
        let shown = context.extensions.get::<axum::http::request::Parts>();
        let caller = shown.and_then(|parts| parts.extensions.get::<Caller>());
        let mut speaker = caller.unwrap_or(&self.caller).speaker();
        // Whoever holds the token of an administrator is no administrator for what a model says in their name.
        speaker.rights = speaker.rights.min(Rights::Trusted);
        if caller.is_none() {
            let client = context.client_info().map(|client| one_word(&client.name)).unwrap_or_default();
            if !client.is_empty() {
                // A source of its own, so that two programs of one person can contradict each other, and neither
                // takes back what the person taught.
                speaker.account = Some(format!("{}/{client}", speaker.account.as_deref().unwrap_or(&speaker.nick)));
                speaker.nick = client;
            }
        }
        let caller = caller.unwrap_or(&self.caller);
        (speaker, caller.place(), caller.may())
    }

    fn call(&self, arguments: Option<JsonObject>, context: &RequestContext<RoleServer>) -> Call {
        let (speaker, place, may) = self.caller(context);
        let stop = Arc::new(AtomicBool::new(false));
        Call { behind: Arc::clone(&self.behind), speaker, place, may, arguments: arguments.unwrap_or_default(), stop }
    }

    /// Does something that blocks, until it is done, cancelled or too late.
    async fn work<T: Send + 'static>(
        &self,
        call: Call,
        context: RequestContext<RoleServer>,
        work: impl FnOnce(&Call) -> T + Send + 'static,
    ) -> Result<T, ErrorData> {
        let _raised = Raise(Arc::clone(&call.stop));
        let work = tokio::task::spawn_blocking(move || work(&call));
        let broken = |what: &'static str| ErrorData::internal_error(what, None);
        tokio::select! {
            done = work => done.map_err(|_| broken("the call broke off; this is a fault, please report it")),
            () = context.ct.cancelled() => Err(broken("cancelled")),
            () = tokio::time::sleep(self.longest) => Err(broken("this takes too long; ask for less")),
        }
    }
}

/// A program's name as one word, without what could be mistaken for something else.
fn one_word(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    name.chars().take(LONGEST_NAME).map(plain).collect::<String>().trim_matches('-').to_owned()
}

impl ServerHandler for Mcp {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_resources().build())
            .with_instructions(INSTRUCTIONS.trim_end());
        info.server_info = Implementation::new("quidnunc", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let (_, _, may) = self.caller(&context);
        Ok(ListToolsResult::with_all_items(Self::tools(may)))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let name = request.name.clone();
        if !Self::tools(May::Teach).iter().any(|tool| tool.name == name) {
            return Err(ErrorData::invalid_params(format!("there is no tool `{name}`"), None));
        }
        let call = self.call(request.arguments, &context);
        let given = self.work(call, context, move |call| call.run(&name)).await?;
        let result = match given {
            Ok(given) => {
                let words = vec![ContentBlock::text(given.words)];
                let mut result =
                    if given.failed { CallToolResult::error(words) } else { CallToolResult::success(words) };
                result.structured_content = Some(given.data);
                result
            }
            Err(Refusal(words)) => CallToolResult::error(vec![ContentBlock::text(words)]),
        };
        Ok(result.into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let call = self.call(None, &context);
        self.work(call, context, resources::list).await?
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(resources::templates()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let call = self.call(None, &context);
        let uri = request.uri;
        let read = self.work(call, context, move |call| resources::read(call, &uri)).await?;
        read.map(Into::into)
    }
}

/// Speaks the protocol over two streams until the other side ends them. `owner` started the program: what is taught
/// is taught in their home, by the client that runs it.
///
/// # Errors
/// When a stream fails, or what comes is not the protocol.
pub async fn speak(
    behind: Arc<dyn Behind>,
    owner: String,
    reader: impl AsyncRead + Send + Unpin + 'static,
    writer: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<(), String> {
    let caller = Caller { user: Some(owner), role: Role::Learn, private: false };
    let service = Mcp { behind, caller, longest: LONGEST };
    match service.serve((reader, writer)).await {
        Ok(running) => running.waiting().await.map(|_| ()).map_err(|why| why.to_string()),
        // Whoever leaves before saying anything has changed their mind.
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(why) => Err(why.to_string()),
    }
}

/// The same over HTTP, without sessions: every request shows its token.
pub(crate) fn routes() -> Router<Arc<Room>> {
    Router::new().route("/mcp", axum::routing::any(answer))
}

async fn answer(State(room): State<Arc<Room>>, caller: Caller, mut request: Request) -> Response {
    if let Err(problem) = caller.needs(Role::Read) {
        return problem.into_response();
    }
    let service = Mcp {
        behind: Arc::clone(&room.behind),
        caller: caller.clone(),
        longest: room.config.limits.answer_time().max(room.config.limits.query_time()),
    };
    request.extensions_mut().insert(caller);
    // Host and origin were looked at before the request came here.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(room.config.limits.body())
        .disable_allowed_hosts()
        .disable_allowed_origins();
    let service =
        StreamableHttpService::new(move || Ok(service.clone()), Arc::new(LocalSessionManager::default()), config);
    service.handle(request).await.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_described_and_whoever_may_only_ask_sees_none_that_writes() {
        let all = Mcp::tools(May::Teach);
        assert_eq!(all.len(), 15);
        for tool in &all {
            assert!(tool.description.as_ref().is_some_and(|text| text.len() > 40), "{}", tool.name);
            assert!(tool.output_schema.is_some(), "{}", tool.name);
        }
        let names: Vec<String> = Mcp::tools(May::Ask).iter().map(|tool| tool.name.to_string()).collect();
        assert_eq!(names, ["ask", "why", "search", "sparql", "read_graph", "search_nodes", "open_nodes"]);
    }

    #[test]
    fn a_programs_name_is_one_word() {
        for (name, word) in [
            ("claude-code", "claude-code"),
            ("Claude Desktop (beta)", "Claude-Desktop--beta"),
            ("a/b\nowner", "a-b-owner"),
            ("", ""),
            ("---", ""),
        ] {
            assert_eq!(one_word(name), word);
        }
    }
}
