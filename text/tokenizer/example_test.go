package tokenizer_test

import (
	"fmt"
	"log"
	"os"

	"falconmamba/text/tokenizer"
)

func Example() {
	tok, err := tokenizer.Load(os.DirFS("../../checkpoint/testdata"), "tokenizer")
	if err != nil {
		log.Fatal(err)
	}
	ids := tok.Encode("O, she doth teach 🙂<|endoftext|>", tokenizer.EncodeOptions{})
	fmt.Println(ids)

	// As they come from a model, one at a time.
	d := tok.NewDecoder(true)
	for _, id := range ids {
		fmt.Printf("%q ", d.Push(id))
	}
	fmt.Printf("%q\n", d.Flush())
	// Output:
	// [60 25 490 829 270 394 335 234 186 267 261 238 11]
	// "O" "," " she" " doth" " t" "ea" "ch" " " "" "" "" "🙂" "" ""
}
