// Package jsonerr says errors of encoding/json in JSON's words, where that says them in Go's.
package jsonerr

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// Plain names what stands where another kind of value is wanted. Other errors stay as they are.
func Plain(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	where := wrong.Field
	if where == "" {
		where = "it"
	}
	return fmt.Errorf("%s is a JSON %s, want %s", where, wrong.Value, Kind(wrong.Type.Kind()))
}

// Kind says which JSON values are read into a Go type of a kind.
func Kind(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "a boolean"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.String:
		return "a string"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	}
	return "a number"
}
