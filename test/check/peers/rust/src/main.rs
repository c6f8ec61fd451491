//! rmcp, the official Rust SDK, as its documentation has it.

use rmcp::{
    ErrorData as McpError, Json, RoleServer, ServerHandler, ServiceExt,
    handler::server::wrapper::Parameters,
    model::*,
    prompt, prompt_handler, prompt_router, schemars,
    service::RequestContext,
    tool, tool_handler, tool_router,
    transport::{
        stdio,
        streamable_http_server::{
            StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
        },
    },
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Deserialize, schemars::JsonSchema)]
struct AddRequest {
    a: f64,
    b: f64,
}

#[derive(Serialize, schemars::JsonSchema)]
struct AddResponse {
    sum: f64,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct GreetRequest {
    name: String,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct CountRequest {
    to: u32,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct ReviewRequest {
    /// What to review
    text: String,
}

#[derive(Clone)]
struct Peer;

#[tool_router]
impl Peer {
    #[tool(description = "Adds two numbers.", annotations(read_only_hint = true))]
    async fn add(&self, Parameters(AddRequest { a, b }): Parameters<AddRequest>) -> Json<AddResponse> {
        Json(AddResponse { sum: a + b })
    }

    #[tool(description = "Greets someone.", annotations(read_only_hint = true))]
    async fn greet(&self, Parameters(GreetRequest { name }): Parameters<GreetRequest>) -> String {
        format!("Hello, {name}!")
    }

    #[tool(description = "Counts slowly.", annotations(read_only_hint = true))]
    async fn count(
        &self,
        Parameters(CountRequest { to }): Parameters<CountRequest>,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, McpError> {
        for progress in 1..=to.min(20) {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if let Some(token) = context.meta.get_progress_token() {
                let params = ProgressNotificationParam::new(token, progress.into()).with_total(to.into());
                context
                    .peer
                    .notify_progress(params)
                    .await
                    .map_err(|error| McpError::internal_error(error.to_string(), None))?;
            }
        }
        Ok(CallToolResult::success(vec![ContentBlock::text(format!("counted to {to}"))]))
    }
}

#[prompt_router]
impl Peer {
    /// Asks for a review.
    #[prompt(name = "review")]
    async fn review(&self, Parameters(ReviewRequest { text }): Parameters<ReviewRequest>) -> Vec<PromptMessage> {
        vec![PromptMessage::new_text(Role::User, format!("Please review: {text}"))]
    }
}

#[tool_handler]
#[prompt_handler]
impl ServerHandler for Peer {
    fn get_info(&self) -> ServerConfig {
        let capabilities =
            ServerCapabilities::builder().enable_prompts().enable_resources().enable_tools().build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("rust", "1.0.0"))
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, McpError> {
        let resources = vec![Resource::new("note://welcome", "welcome")];
        Ok(ListResourcesResult { resources, ..Default::default() })
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, McpError> {
        let resource_templates = vec![ResourceTemplate::new("greeting://{name}", "greeting")];
        Ok(ListResourceTemplatesResult { resource_templates, ..Default::default() })
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, McpError> {
        let text = match (request.uri.as_str(), request.uri.strip_prefix("greeting://")) {
            ("note://welcome", _) => "Welcome.".to_string(),
            (_, Some(name)) => format!("Hello, {name}!"),
            _ => {
                let data = serde_json::json!({ "uri": request.uri });
                return Err(McpError::resource_not_found("Resource not found", Some(data)));
            }
        };
        Ok(ReadResourceResult::new(vec![ResourceContents::text(text, request.uri)]).into())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mode = std::env::args().nth(1).ok_or("usage: peer stdio|PORT")?;
    if mode == "stdio" {
        Peer.serve(stdio()).await?.waiting().await?;
        return Ok(());
    }
    let service = StreamableHttpService::new(
        || Ok(Peer),
        LocalSessionManager::default().into(),
        StreamableHttpServerConfig::default(),
    );
    let router = axum::Router::new().nest_service("/mcp", service);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{mode}")).await?;
    axum::serve(listener, router).await?;
    Ok(())
}
