// Package statecache knows which states there are of which texts: the state after the
// longest known prefix of a text, at any token, and which state is worth least where room
// is needed. It holds no state itself and knows no device: what a state is, and how it
// moves from place to place, is its caller's.
//
// Texts are kept in a tree that branches where they part, so what is found is compared token
// by token: there are no hashes that could agree by chance. [Cuts] says where the reading of
// a text leaves states behind. The last place of [States] is a [Store], which
// several processes share and that outlives them: a [Folder], or what another package has.
package statecache
