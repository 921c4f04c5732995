// Package hub finds models of the Hugging Face hub in the cache that its
// clients share, and downloads into it what is missing.
//
// The cache is laid out as the Python client does it, so that each finds what
// the other has downloaded:
//
//	CACHE/models--ORG--NAME/refs/REVISION          the commit that a branch is at
//	CACHE/models--ORG--NAME/blobs/HASH             contents, by their hash
//	CACHE/models--ORG--NAME/blobs/HASH.incomplete  the beginning of one
//	CACHE/models--ORG--NAME/snapshots/COMMIT/FILE  links to blobs
//	CACHE/.locks/models--ORG--NAME/HASH.lock       held while a blob is written
//
// Where links cannot be made (Windows without the right to), a blob is linked
// hard, or moved into the snapshot.
//
// A model that is in the cache is used without asking the server. Otherwise the
// files that a model needs are downloaded, and no others: configs, tokenizer,
// chat template, and the weights in safetensors or the one GGUF file that is
// named. A file appears in the cache when it is whole and its hash is right.
// Who only looks at a model, see Peek, downloads what lies beside its weights.
// What the server says is not trusted beyond that: the names of files do not
// leave the snapshot, and the token is sent to the endpoint alone.
package hub
