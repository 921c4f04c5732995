package server

import (
	"time"

	"falconmamba"
)

// What answers of OpenAI's API have in common.

// usage counts tokens.
type usage struct {
	Prompt     int           `json:"prompt_tokens"`
	Completion int           `json:"completion_tokens"`
	Total      int           `json:"total_tokens"`
	Details    promptDetails `json:"prompt_tokens_details"`
}

type promptDetails struct {
	Cached int `json:"cached_tokens"` // that were not read, since a state after them was known
}

func (c *call) usage() *usage {
	return &usage{c.read, c.made, c.read + c.made, promptDetails{c.reused}}
}

// head begins an answer, and each part of a stream.
type head struct {
	ID          string `json:"id"`
	Object      string `json:"object"`
	Created     int64  `json:"created"`
	Model       string `json:"model"`
	Fingerprint string `json:"system_fingerprint"`
}

func (s *Server) head(prefix, object string) head {
	return head{newID(prefix), object, time.Now().Unix(), s.o.Name, s.o.Version}
}

// reason returns finish_reason.
func reason(why falconmamba.StopReason) *string {
	r := "stop"
	if why == falconmamba.StopLength {
		r = "length"
	}
	return &r
}
