package server

import (
	"fmt"
	"net/http"
	"slices"
)

// A modelCard is what clients are told of the model.
type modelCard struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

func (s *Server) card() modelCard { return modelCard{s.o.Name, "model", s.created, "falconmamba"} }

// called reports whether name is one of the model's.
func (s *Server) called(name string) bool {
	return name == s.o.Name || slices.Contains(s.o.Aliases, name)
}

func (s *Server) noModel(name string) *apiError {
	return &apiError{status: http.StatusNotFound, kind: invalidRequest, param: "model", code: "model_not_found",
		message: fmt.Sprintf("there is no model %s here: this server has %s", abridged(name), s.o.Name)}
}

// models answers GET /v1/models.
func (c *call) models() error {
	if c.dialect == anthropic {
		return c.anthropicModels()
	}
	return c.reply(struct {
		Object string      `json:"object"`
		Data   []modelCard `json:"data"`
	}{"list", []modelCard{c.s.card()}})
}

// model answers GET /v1/models/ID.
func (c *call) model() error {
	if !c.s.called(c.rest) {
		return c.s.noModel(c.rest)
	}
	if c.dialect == anthropic {
		return c.reply(c.s.anthropicCard())
	}
	return c.reply(c.s.card())
}
