package main

import "context"

func compareFlags(c *call) {}

func runCompare(ctx context.Context, c *call) error { return nil }
