// Where an invocation of matvec_half.glsl or matvec_direct.glsl is, and the columns and
// channels that it has. Wants SPLIT, OUTS, TURN_WORDS and STEP_WORDS.

uint lane, lanes;         // this invocation in its subgroup
uint subgroup, subgroups; // its subgroup in the workgroup
uint at;                  // this invocation, counted subgroup by subgroup
uint part;                // this subgroup in its team
uint member, members;     // this invocation in its team
uint alive;               // live rows

void find_place() {
	subgroup = gl_SubgroupID;
	subgroups = gl_NumSubgroups;
	lane = gl_SubgroupInvocationID;
	lanes = gl_SubgroupSize;
	at = subgroup * lanes + lane;
	part = subgroup % SPLIT;
	member = part * lanes + lane;
	members = SPLIT * lanes;
}

void team_barrier() { barrier(); }

uint teams;                // of the workgroup
uint first_word, end_word; // of a row's columns, the workgroup's
uint own_word;             // the first of this subgroup
uint steps;

void divide_columns() {
	teams = subgroups / SPLIT;
	uint words = chunks(p.cols, p.pitch) * CHUNK_SIZE / 8;
	uint share = (words + gl_NumWorkGroups.z - 1) / gl_NumWorkGroups.z;
#if WEIGHT == BLOCKS
	share = (share + 7) / 8 * 8; // two chunks have runs among one another's
#endif
	first_word = min(gl_WorkGroupID.z * share, words);
	end_word = min(first_word + share, words);
	steps = (end_word - first_word + STEP_WORDS - 1) / STEP_WORDS;
	own_word = first_word + part * TURN_WORDS;
}

// The channels that a number of workgroups takes at a time.
uint channels_of(uint workgroups) { return workgroups * teams * OUTS; }

// The first of the team's channels, where m0 is the first of the workgroup's.
uint channels_from(uint m0) { return m0 + subgroup / SPLIT * OUTS; }
