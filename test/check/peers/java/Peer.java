/** The official Java SDK as its documentation has it; HTTP by an embedded Tomcat, as in its own example. */
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncPromptSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncResourceSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncResourceTemplateSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import io.modelcontextprotocol.server.transport.DefaultServerTransportSecurityValidator;
import io.modelcontextprotocol.server.transport.HttpServletStreamableServerTransportProvider;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.GetPromptResult;
import io.modelcontextprotocol.spec.McpSchema.ProgressNotification;
import io.modelcontextprotocol.spec.McpSchema.Prompt;
import io.modelcontextprotocol.spec.McpSchema.PromptArgument;
import io.modelcontextprotocol.spec.McpSchema.PromptMessage;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceRequest;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceResult;
import io.modelcontextprotocol.spec.McpSchema.Resource;
import io.modelcontextprotocol.spec.McpSchema.ResourceTemplate;
import io.modelcontextprotocol.spec.McpSchema.Role;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.TextResourceContents;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.modelcontextprotocol.spec.McpSchema.ToolAnnotations;
import java.util.List;
import java.util.Map;
import org.apache.catalina.startup.Tomcat;

public class Peer {
    private static final ServerCapabilities CAPABILITIES =
        ServerCapabilities.builder().tools(true).resources(false, true).prompts(true).build();

    public static void main(String[] args) throws Exception {
        if (args[0].equals("stdio")) {
            McpServer.sync(new StdioServerTransportProvider(McpJsonDefaults.getMapper()))
                .serverInfo("java", "1.0.0").capabilities(CAPABILITIES)
                .tools(tools()).resources(welcome()).resourceTemplates(greeting()).prompts(review())
                .build();
            return;
        }
        var provider = HttpServletStreamableServerTransportProvider.builder()
            .mcpEndpoint("/mcp")
            .securityValidator(DefaultServerTransportSecurityValidator.builder()
                .allowedOrigin("http://localhost:*").allowedOrigin("http://127.0.0.1:*")
                .allowedHost("localhost:*").allowedHost("127.0.0.1:*")
                .build())
            .build();
        McpServer.sync(provider)
            .serverInfo("java", "1.0.0").capabilities(CAPABILITIES)
            .tools(tools()).resources(welcome()).resourceTemplates(greeting()).prompts(review())
            .build();
        var tomcat = new Tomcat();
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
        tomcat.setPort(Integer.parseInt(args[0]));
        var context = tomcat.addContext("", System.getProperty("java.io.tmpdir"));
        var wrapper = context.createWrapper();
        wrapper.setName("mcp");
        wrapper.setServlet(provider);
        wrapper.setLoadOnStartup(1);
        wrapper.setAsyncSupported(true);
        context.addChild(wrapper);
        context.addServletMappingDecoded("/*", "mcp");
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.start();
        tomcat.getServer().await();
    }

    private static List<SyncToolSpecification> tools() {
        var readOnly = ToolAnnotations.builder().readOnlyHint(true).build();
        var add = Tool.builder("add", schema(Map.of("a", Map.of("type", "number"), "b", Map.of("type", "number"))))
            .description("Adds two numbers.").annotations(readOnly)
            .outputSchema(schema(Map.of("sum", Map.of("type", "number")))).build();
        var greet = Tool.builder("greet", schema(Map.of("name", Map.of("type", "string"))))
            .description("Greets someone.").annotations(readOnly).build();
        var count = Tool.builder("count", schema(Map.of("to", Map.of("type", "integer"))))
            .description("Counts slowly.").annotations(readOnly).build();
        return List.of(
            SyncToolSpecification.builder().tool(add).callHandler(Peer::add).build(),
            SyncToolSpecification.builder().tool(greet).callHandler((exchange, request) ->
                text("Hello, " + request.arguments().get("name") + "!")).build(),
            SyncToolSpecification.builder().tool(count).callHandler(Peer::count).build());
    }

    private static Map<String, Object> schema(Map<String, Object> properties) {
        return Map.of("type", "object", "properties", properties, "required", List.copyOf(properties.keySet()));
    }

    private static CallToolResult text(String line) {
        return CallToolResult.builder().content(List.of(TextContent.builder(line).build())).isError(false).build();
    }

    private static double number(CallToolRequest request, String name) {
        return ((Number) request.arguments().get(name)).doubleValue();
    }

    private static CallToolResult add(McpSyncServerExchange exchange, CallToolRequest request) {
        var sum = Map.<String, Object>of("sum", number(request, "a") + number(request, "b"));
        return CallToolResult.builder().structuredContent(sum).isError(false).build();
    }

    private static CallToolResult count(McpSyncServerExchange exchange, CallToolRequest request) {
        var to = Math.min(number(request, "to"), 20);
        var token = request.meta() == null ? null : request.meta().get("progressToken");
        for (var progress = 1.0; progress <= to; progress++) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            if (token != null) {
                exchange.progressNotification(ProgressNotification.builder(token, progress).total(to).build());
            }
        }
        return text("counted to " + (int) to);
    }

    private static SyncResourceSpecification welcome() {
        var resource = Resource.builder("note://welcome", "welcome").mimeType("text/plain").build();
        return new SyncResourceSpecification(resource, (exchange, request) -> contents(request, "Welcome."));
    }

    private static SyncResourceTemplateSpecification greeting() {
        var template = ResourceTemplate.builder("greeting://{name}", "greeting").mimeType("text/plain").build();
        return new SyncResourceTemplateSpecification(template, (exchange, request) ->
            contents(request, "Hello, " + request.uri().substring("greeting://".length()) + "!"));
    }

    private static ReadResourceResult contents(ReadResourceRequest request, String text) {
        var contents = TextResourceContents.builder(request.uri(), text).mimeType("text/plain").build();
        return ReadResourceResult.builder(List.of(contents)).build();
    }

    private static SyncPromptSpecification review() {
        var argument = PromptArgument.builder("text").required(true).build();
        var prompt = Prompt.builder("review").description("Asks for a review.").arguments(List.of(argument)).build();
        return new SyncPromptSpecification(prompt, (exchange, request) -> {
            var text = TextContent.builder("Please review: " + request.arguments().get("text")).build();
            return GetPromptResult.builder(List.of(PromptMessage.builder(Role.USER, text).build())).build();
        });
    }
}
