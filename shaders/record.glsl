// Words of a slot's record, as package backend/sampling lays them out.

const uint WORD_TOP_K = 1;
const uint WORD_PENALTY = 4;
const uint WORD_WINDOW = 5;
const uint WORD_SEED_LO = 6;
const uint WORD_SEED_HI = 7;
const uint WORD_STEP = 8;
const uint WORD_LIMIT = 9;
const uint WORD_EOS_COUNT = 10;
const uint WORD_SCALE = 11;
const uint WORD_INV_PENALTY = 12;
const uint WORD_TOP_P_FRACTION = 13;
const uint WORD_MIN_WEIGHT = 14;
const uint WORD_EOS = 16;
const uint MAX_EOS = 16;
const uint WORD_PRESENCE = 32;
const uint WORD_FREQUENCY = 33;
const uint WORD_LOG_PROBS = 34;
const uint WORD_BIASES = 35;
const uint WORD_MASKED = 36;
const uint WORD_FILTERED = 37;
