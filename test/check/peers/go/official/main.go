// The official Go SDK as its documentation has it.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type addInput struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
}

type addOutput struct {
	Sum float64 `json:"sum"`
}

type greetInput struct {
	Name string `json:"name"`
}

type countInput struct {
	To int `json:"to"`
}

func text(line string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: line}}}
}

func add(_ context.Context, _ *mcp.CallToolRequest, in addInput) (*mcp.CallToolResult, addOutput, error) {
	return nil, addOutput{Sum: in.A + in.B}, nil
}

func greet(_ context.Context, _ *mcp.CallToolRequest, in greetInput) (*mcp.CallToolResult, any, error) {
	return text("Hello, " + in.Name + "!"), nil, nil
}

func count(ctx context.Context, req *mcp.CallToolRequest, in countInput) (*mcp.CallToolResult, any, error) {
	for progress := 1; progress <= min(in.To, 20); progress++ {
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
		if token := req.Params.GetProgressToken(); token != nil {
			params := &mcp.ProgressNotificationParams{
				ProgressToken: token, Progress: float64(progress), Total: float64(in.To),
			}
			if err := req.Session.NotifyProgress(ctx, params); err != nil {
				return nil, nil, err
			}
		}
	}
	return text(fmt.Sprintf("counted to %d", in.To)), nil, nil
}

func read(_ context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	line := "Welcome."
	if name, found := strings.CutPrefix(req.Params.URI, "greeting://"); found {
		line = "Hello, " + name + "!"
	}
	contents := &mcp.ResourceContents{URI: req.Params.URI, MIMEType: "text/plain", Text: line}
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{contents}}, nil
}

func review(_ context.Context, req *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	content := &mcp.TextContent{Text: "Please review: " + req.Params.Arguments["text"]}
	return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: content}}}, nil
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "go", Version: "1.0.0"}, nil)
	readOnly := &mcp.ToolAnnotations{ReadOnlyHint: true}
	mcp.AddTool(server, &mcp.Tool{Name: "add", Description: "Adds two numbers.", Annotations: readOnly}, add)
	mcp.AddTool(server, &mcp.Tool{Name: "greet", Description: "Greets someone.", Annotations: readOnly}, greet)
	mcp.AddTool(server, &mcp.Tool{Name: "count", Description: "Counts slowly.", Annotations: readOnly}, count)
	server.AddResource(&mcp.Resource{Name: "welcome", URI: "note://welcome", MIMEType: "text/plain"}, read)
	server.AddResourceTemplate(&mcp.ResourceTemplate{
		Name: "greeting", URITemplate: "greeting://{name}", MIMEType: "text/plain",
	}, read)
	server.AddPrompt(&mcp.Prompt{
		Name:        "review",
		Description: "Asks for a review.",
		Arguments:   []*mcp.PromptArgument{{Name: "text", Required: true}},
	}, review)

	if os.Args[1] == "stdio" {
		if err := server.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
			log.Fatal(err)
		}
		return
	}
	// Over HTTP, this SDK speaks 2026-07-28 only without sessions, and sessions are its default.
	options := &mcp.StreamableHTTPOptions{Stateless: len(os.Args) > 2 && os.Args[2] == "stateless"}
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, options)
	http.Handle("/mcp", handler)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
