// mcp-go as its documentation has it.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

type addInput struct {
	A float64 `json:"a" jsonschema:"First number"`
	B float64 `json:"b" jsonschema:"Second number"`
}

type addOutput struct {
	Sum float64 `json:"sum" jsonschema:"The sum"`
}

func add(_ context.Context, _ mcp.CallToolRequest, in addInput) (addOutput, error) {
	return addOutput{Sum: in.A + in.B}, nil
}

func greet(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	name, err := request.RequireString("name")
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	return mcp.NewToolResultText(fmt.Sprintf("Hello, %s!", name)), nil
}

func count(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	to, err := request.RequireInt("to")
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	for progress := 1; progress <= min(to, 20); progress++ {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
		if request.Params.Meta == nil || request.Params.Meta.ProgressToken == nil {
			continue
		}
		params := map[string]any{
			"progress": progress, "total": to, "progressToken": request.Params.Meta.ProgressToken,
		}
		srv := server.ServerFromContext(ctx)
		if err := srv.SendNotificationToClient(ctx, "notifications/progress", params); err != nil {
			return nil, err
		}
	}
	return mcp.NewToolResultText(fmt.Sprintf("counted to %d", to)), nil
}

func read(_ context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	line := "Welcome."
	if name, found := strings.CutPrefix(request.Params.URI, "greeting://"); found {
		line = "Hello, " + name + "!"
	}
	return []mcp.ResourceContents{
		mcp.TextResourceContents{URI: request.Params.URI, MIMEType: "text/plain", Text: line},
	}, nil
}

func review(_ context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	content := mcp.NewTextContent("Please review: " + request.Params.Arguments["text"])
	messages := []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, content)}
	return mcp.NewGetPromptResult("Asks for a review.", messages), nil
}

func main() {
	s := server.NewMCPServer(
		"mcp-go",
		"1.0.0",
		server.WithToolCapabilities(true),
		server.WithResourceCapabilities(true, true),
		server.WithPromptCapabilities(true),
		server.WithRecovery(),
	)
	s.AddTool(mcp.NewTool("add",
		mcp.WithDescription("Adds two numbers."),
		mcp.WithReadOnlyHintAnnotation(true),
		mcp.WithDestructiveHintAnnotation(false),
		mcp.WithInputSchema[addInput](),
		mcp.WithOutputSchema[addOutput](),
	), mcp.NewStructuredToolHandler(add))
	s.AddTool(mcp.NewTool("greet",
		mcp.WithDescription("Greets someone."),
		mcp.WithReadOnlyHintAnnotation(true),
		mcp.WithDestructiveHintAnnotation(false),
		mcp.WithString("name", mcp.Required()),
	), greet)
	s.AddTool(mcp.NewTool("count",
		mcp.WithDescription("Counts slowly."),
		mcp.WithReadOnlyHintAnnotation(true),
		mcp.WithDestructiveHintAnnotation(false),
		mcp.WithNumber("to", mcp.Required(), mcp.Min(1), mcp.Max(20)),
	), count)
	s.AddResource(mcp.NewResource("note://welcome", "welcome", mcp.WithMIMEType("text/plain")), read)
	s.AddResourceTemplate(
		mcp.NewResourceTemplate("greeting://{name}", "greeting", mcp.WithTemplateMIMEType("text/plain")), read)
	s.AddPrompt(mcp.NewPrompt("review",
		mcp.WithPromptDescription("Asks for a review."),
		mcp.WithArgument("text", mcp.RequiredArgument()),
	), review)

	if os.Args[1] == "stdio" {
		if err := server.ServeStdio(s); err != nil {
			log.Fatal(err)
		}
		return
	}
	log.Fatal(server.NewStreamableHTTPServer(s).Start("127.0.0.1:" + os.Args[1]))
}
