#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

using namespace metal;

struct Sequence
{
    uint from;
    uint to;
    uint first;
    uint rows;
    uint ring;
    uint ring_len;
};

struct Params
{
    uint rows;
    uint cols;
    uint steps;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint weight_off;
    uint weight_stride;
    uint bias_off;
    uint state_off;
    uint state_stride;
    uint slots;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
};

struct Batch
{
    int batch[1];
};

constant bool KEEP_tmp [[function_constant(18)]];
constant bool KEEP = is_function_constant_defined(KEEP_tmp) ? KEEP_tmp : false;
constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _503 = (STATE_TYPE == 1u);
constant bool _517 = (STATE_TYPE == 0u);
constant bool _522 = (STATE_TYPE == 1u);
constant bool _540 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _577 = (STATE_TYPE == 1u);
constant bool _591 = (STATE_TYPE == 0u);
#ifndef SPIRV_CROSS_CONSTANT_ID_3
#define SPIRV_CROSS_CONSTANT_ID_3 40u
#endif
constant uint SPAN = SPIRV_CROSS_CONSTANT_ID_3;
constant uint _841_tmp [[function_constant(0)]];
constant uint _841 = is_function_constant_defined(_841_tmp) ? _841_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_841, 1u, 1u);
#ifndef SPIRV_CROSS_CONSTANT_ID_1
#define SPIRV_CROSS_CONSTANT_ID_1 4u
#endif
constant uint TAPS = SPIRV_CROSS_CONSTANT_ID_1;
constant uint HELD = (TAPS - 1u);

struct Src
{
    float src[1];
};

struct Weight
{
    float weight[1];
};

struct Bias
{
    float bias0[1];
};

constant bool _1272 = (TAPS > 1u);
constant bool _1273 = (_1272 && KEEP);
constant uint _1278 = (TAPS - 2u);
constant uint _1279 = (TAPS - 2u);
constant uint _1285 = (TAPS - 1u);
constant uint ACT_tmp [[function_constant(2)]];
constant uint ACT = is_function_constant_defined(ACT_tmp) ? ACT_tmp : 1u;

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _131)
{
    return min(p.batch_records, uint(max(_131.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _131)
{
    return uint(_131.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _131)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    uint param_8 = seq;
    uint param_9 = 5u;
    uint param_10 = seq;
    uint param_11 = 6u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _131), batch_word(param_2, param_3, p, _131), batch_word(param_4, param_5, p, _131), batch_word(param_6, param_7, p, _131), batch_word(param_8, param_9, p, _131), batch_word(param_10, param_11, p, _131) };
    bool _203;
    if (KEEP)
    {
        uint param_12 = seq;
        uint param_13 = 7u;
        _203 = batch_word(param_12, param_13, p, _131) == 1u;
    }
    else
    {
        _203 = KEEP;
    }
    bool keep = _203 && (slots != 4294967295u);
    bool _211 = s.from >= slots;
    bool _220;
    if (!_211)
    {
        _220 = s.to >= slots;
    }
    else
    {
        _220 = _211;
    }
    bool _229;
    if (!_220)
    {
        _229 = s.rows > rows;
    }
    else
    {
        _229 = _220;
    }
    bool _241;
    if (!_229)
    {
        _241 = s.first > (rows - s.rows);
    }
    else
    {
        _241 = _229;
    }
    if (_241)
    {
        s.rows = 0u;
    }
    bool _274;
    if (keep)
    {
        bool _253 = s.ring_len < s.rows;
        bool _261;
        if (!_253)
        {
            _261 = s.ring_len > slots;
        }
        else
        {
            _261 = _253;
        }
        bool _273;
        if (!_261)
        {
            _273 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _273 = _261;
        }
        _274 = _273;
    }
    else
    {
        _274 = keep;
    }
    if (_274)
    {
        s.rows = 0u;
    }
    if (!keep)
    {
        s.ring_len = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& r0, constant Params& p, const device Batch& _131, thread uint& gl_LocalInvocationIndex, threadgroup uint (&sequence_of)[SPAN], threadgroup uint& end)
{
    for (uint i = gl_LocalInvocationIndex; i < SPAN; i += gl_WorkGroupSize.x)
    {
        sequence_of[i] = 4294967295u;
    }
    if (gl_LocalInvocationIndex == 0u)
    {
        end = 0u;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint seqs = batch_seqs(p, _131);
    uint r1 = r0 + p.steps;
    uint _907;
    uint _920;
    for (uint q = gl_LocalInvocationIndex; q < seqs; q += gl_WorkGroupSize.x)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _131);
        uint free = s.first + HELD;
        uint last = s.first + s.rows;
        bool _897 = s.first >= r0;
        bool _904;
        if (_897)
        {
            _904 = s.first < r1;
        }
        else
        {
            _904 = _897;
        }
        bool begins = _904;
        if (begins)
        {
            _907 = s.first;
        }
        else
        {
            _907 = max(r0, free);
        }
        uint from = _907;
        if (begins)
        {
            _920 = max(r1, free);
        }
        else
        {
            _920 = r1;
        }
        uint to = min(last, _920);
        bool _932 = s.rows == 0u;
        bool _940;
        if (!_932)
        {
            _940 = s.first >= r1;
        }
        else
        {
            _940 = _932;
        }
        if (_940)
        {
            continue;
        }
        for (uint r = from; r < to; r++)
        {
            sequence_of[r - r0] = q;
        }
        if (to > from)
        {
            uint _969 = atomic_fetch_max_explicit((threadgroup atomic_uint*)&end, to - r0, memory_order_relaxed);
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
void load_channel(thread const uint& c, constant Params& p, thread float (&w)[TAPS], const device Weight& _1037, thread float (&x)[TAPS], thread float& b, const device Bias& _1070)
{
    for (uint j = 0u; j < TAPS; j++)
    {
        w[j] = _1037.weight[(p.weight_off + (c * p.weight_stride)) + j];
        x[j] = 0.0;
    }
    float _1063;
    if (p.bias_off == 4294967295u)
    {
        _1063 = 0.0;
    }
    else
    {
        _1063 = _1070.bias0[p.bias_off + c];
    }
    b = _1063;
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& c, thread const uint& r0, constant Params& p, const device Src& __restrict _1001, thread float (&next)[8])
{
    for (uint i = 0u; i < 8u; i++)
    {
        uint r = min((r0 + i), (p.rows - 1u));
        next[i] = _1001.src[(p.src_off + (r * p.src_stride)) + c];
    }
}

static inline __attribute__((always_inline))
float float16_value(thread const uint& bits)
{
    uint _sign = (bits & 32768u) << uint(16);
    uint rest = bits & 32767u;
    if (rest < 1024u)
    {
        return as_type<float>(as_type<uint>(float(rest) * 5.9604644775390625e-08) | _sign);
    }
    if (rest >= 31744u)
    {
        return as_type<float>((_sign | 2139095040u) | (rest << uint(13)));
    }
    return as_type<float>(_sign | ((rest << uint(13)) + 939524096u));
}

static inline __attribute__((always_inline))
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _546)
{
    if (_540)
    {
        return as_type<float>(_546.state[i]);
    }
    uint _555;
    if (alone)
    {
        _555 = _546.state[i / 2u];
    }
    else
    {
        uint _566 = atomic_fetch_or_explicit((device atomic_uint*)&_546.state[i / 2u], 0u, memory_order_relaxed);
        _555 = _566;
    }
    uint word = _555;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _578;
    if (_577)
    {
        uint param = bits;
        _578 = float16_value(param);
    }
    else
    {
        _578 = as_type<float>(bits << uint(16));
    }
    return _578;
}

static inline __attribute__((always_inline))
float input_(thread const Sequence& s, thread const uint& c, thread const uint& i, constant Params& p, device State& __restrict _546, const device Src& __restrict _1001)
{
    float _975;
    if (i < HELD)
    {
        uint param = ((p.state_off + (s.from * p.state_stride)) + (c * HELD)) + i;
        bool param_1 = false;
        float _996 = state_at(param, param_1, _546);
        _975 = _996;
    }
    else
    {
        _975 = _1001.src[(p.src_off + (((s.first + i) - HELD) * p.src_stride)) + c];
    }
    return _975;
}

static inline __attribute__((always_inline))
uint float16_bits(thread const float& v)
{
    uint _all = as_type<uint>(v);
    uint _sign = (_all >> uint(16)) & 32768u;
    uint rest = _all & 2147483647u;
    if (rest > 2139095040u)
    {
        return _sign | 32256u;
    }
    if (rest >= 1199562752u)
    {
        return _sign | 31743u;
    }
    if (rest >= 947912704u)
    {
        return _sign | ((((rest - 939524096u) + 4095u) + ((rest >> uint(13)) & 1u)) >> uint(13));
    }
    uint drop = 126u - (rest >> uint(23));
    if (drop > 24u)
    {
        return _sign;
    }
    uint m = (rest & 8388607u) | 8388608u;
    uint kept = m >> drop;
    uint lost = m & ((1u << drop) - 1u);
    uint middle = 1u << (drop - 1u);
    bool _448 = lost > middle;
    bool _461;
    if (!_448)
    {
        bool _454 = lost == middle;
        bool _460;
        if (_454)
        {
            _460 = (kept % 2u) == 1u;
        }
        else
        {
            _460 = _454;
        }
        _461 = _460;
    }
    else
    {
        _461 = _448;
    }
    return _sign | (kept + uint(_461));
}

static inline __attribute__((always_inline))
uint bfloat16_bits(thread const float& v)
{
    uint _all = as_type<uint>(v);
    uint rest = _all & 2147483647u;
    if (rest > 2139095040u)
    {
        return (_all >> uint(16)) | 64u;
    }
    if (rest >= 2139062272u)
    {
        return ((_all >> uint(16)) & 32768u) | 32639u;
    }
    return ((_all + 32767u) + ((_all >> uint(16)) & 1u)) >> uint(16);
}

static inline __attribute__((always_inline))
float state_round(thread const float& v)
{
    if (_517)
    {
        return v;
    }
    float _523;
    if (_522)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _523 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _523 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _523;
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _292;
    if ((from - ring) < ring_len)
    {
        _292 = ((from - ring) + i) + 1u;
    }
    else
    {
        _292 = i;
    }
    uint at = _292;
    uint _308;
    if (at < ring_len)
    {
        _308 = at;
    }
    else
    {
        _308 = at - ring_len;
    }
    return ring + _308;
}

static inline __attribute__((always_inline))
uint state_bits(thread const float& v)
{
    uint _504;
    if (_503)
    {
        float param = v;
        _504 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _504 = bfloat16_bits(param_1);
    }
    return _504;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _546)
{
    if (_591)
    {
        _546.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _609 = atomic_fetch_and_explicit((device atomic_uint*)&_546.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _618 = atomic_fetch_or_explicit((device atomic_uint*)&_546.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void store_state(thread const Sequence& s, thread const uint& c, thread const uint& slot, thread const uint& i, constant Params& p, device State& __restrict _546, const device Src& __restrict _1001)
{
    uint to = (p.state_off + (slot * p.state_stride)) + (c * HELD);
    for (uint j = 0u; j < HELD; j++)
    {
        Sequence param = s;
        uint param_1 = c;
        uint param_2 = (i + 1u) + j;
        float _1144 = input_(param, param_1, param_2, p, _546, _1001);
        uint param_3 = to + j;
        float param_4 = _1144;
        set_state(param_3, param_4, _546);
    }
}

static inline __attribute__((always_inline))
void begin_sequence(thread const uint& c, thread const uint& q, thread const uint& r, constant Params& p, const device Batch& _131, device State& __restrict _546, const device Src& __restrict _1001, thread float (&x)[TAPS], thread bool& keep)
{
    uint param = q;
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    Sequence s = batch_sequence(param, param_1, param_2, p, _131);
    keep = s.ring_len != 0u;
    for (uint j = 1u; j < TAPS; j++)
    {
        Sequence param_3 = s;
        uint param_4 = c;
        uint param_5 = ((r - s.first) + j) - 1u;
        float _1186 = input_(param_3, param_4, param_5, p, _546, _1001);
        x[j] = _1186;
        if (KEEP && keep)
        {
            float param_6 = x[j];
            x[j] = state_round(param_6);
        }
    }
    if (r == s.first)
    {
        if (KEEP && keep)
        {
            for (uint i = 0u; (i + 1u) < s.rows; i++)
            {
                uint param_7 = s.from;
                uint param_8 = s.ring;
                uint param_9 = s.ring_len;
                uint param_10 = i;
                Sequence param_11 = s;
                uint param_12 = c;
                uint param_13 = ring_slot(param_7, param_8, param_9, param_10);
                uint param_14 = i;
                store_state(param_11, param_12, param_13, param_14, p, _546, _1001);
            }
        }
        Sequence param_15 = s;
        uint param_16 = c;
        uint param_17 = s.to;
        uint param_18 = s.rows - 1u;
        store_state(param_15, param_16, param_17, param_18, p, _546, _1001);
    }
}

static inline __attribute__((always_inline))
void shift_in(thread const uint& i, thread float (&x)[TAPS], thread float (&next)[8], thread bool& keep)
{
    for (uint j = 1u; j < TAPS; j++)
    {
        x[j - 1u] = x[j];
    }
    if (_1273 && keep)
    {
        float param = x[_1279];
        x[_1278] = state_round(param);
    }
    x[_1285] = next[i];
}

static inline __attribute__((always_inline))
float silu(thread const float& x)
{
    return x / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
float normal_cdf(thread const float& x)
{
    float z = abs(x) * 0.707106769084930419921875;
    float t = 1.0 / (1.0 + (0.3275910913944244384765625 * z));
    float tail = t * (0.254829585552215576171875 + (t * ((-0.284496724605560302734375) + (t * (1.42141377925872802734375 + (t * ((-1.45315206050872802734375) + (t * 1.0614054203033447265625))))))));
    tail *= (0.5 * exp((-z) * z));
    float _678;
    if (x < 0.0)
    {
        _678 = tail;
    }
    else
    {
        _678 = 1.0 - tail;
    }
    return _678;
}

static inline __attribute__((always_inline))
float sigmoid(thread const float& x)
{
    return 1.0 / (1.0 + exp(-x));
}

static inline __attribute__((always_inline))
float tanh_(thread const float& x)
{
    float q = x * x;
    if (q < 0.00999999977648258209228515625)
    {
        return x * (1.0 - (q * (0.3333333432674407958984375 - (q * (0.13333334028720855712890625 - (q * 0.0539682544767856597900390625))))));
    }
    float e = exp((-2.0) * abs(x));
    return (sign(x) * (1.0 - e)) / (1.0 + e);
}

static inline __attribute__((always_inline))
float mish(thread const float& x)
{
    float n = exp(fast::min(x, 20.0));
    float w = n * (n + 2.0);
    return x * (w / (w + 2.0));
}

static inline __attribute__((always_inline))
float activate(thread const uint& act, thread const float& x)
{
    switch (act)
    {
        case 1u:
        {
            float param = x;
            return silu(param);
        }
        case 2u:
        {
            float param_1 = x;
            return x * normal_cdf(param_1);
        }
        case 3u:
        {
            float param_2 = 1.5957691669464111328125 * (x + (((0.0447149984538555145263671875 * x) * x) * x));
            return x * sigmoid(param_2);
        }
        case 4u:
        {
            float param_3 = 1.70200002193450927734375 * x;
            return x * sigmoid(param_3);
        }
        case 5u:
        {
            return fast::max(x, 0.0);
        }
        case 6u:
        {
            return fast::max(x, 0.0) * fast::max(x, 0.0);
        }
        case 7u:
        {
            return fast::min(fast::max(x, 0.0), 6.0);
        }
        case 8u:
        {
            float param_4 = x;
            return sigmoid(param_4);
        }
        case 9u:
        {
            float param_5 = x;
            return tanh_(param_5);
        }
        case 10u:
        {
            float param_6 = x;
            return mish(param_6);
        }
    }
    return x;
}

static inline __attribute__((always_inline))
float convolve(thread float (&w)[TAPS], thread float (&x)[TAPS], thread float& b)
{
    float sum = b;
    for (uint j = 0u; j < TAPS; j++)
    {
        sum += (w[j] * x[j]);
    }
    uint param = ACT;
    float param_1 = sum;
    return activate(param, param_1);
}

kernel void conv1d_f32_rows(constant Params& p [[buffer(0)]], device Dst& __restrict _1418 [[buffer(1)]], const device Src& __restrict _1001 [[buffer(2)]], const device Weight& _1037 [[buffer(3)]], const device Bias& _1070 [[buffer(4)]], device State& __restrict _546 [[buffer(5)]], const device Batch& _131 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint sequence_of[SPAN];
    threadgroup uint end;
    uint _1325 = gl_WorkGroupID.y * p.steps;
    float w[TAPS];
    float x[TAPS];
    float b;
    float next[8];
    bool keep;
    for (uint r0 = _1325; r0 < p.rows; r0 += (gl_NumWorkGroups.y * p.steps))
    {
        uint param = r0;
        find_sequences(param, p, _131, gl_LocalInvocationIndex, sequence_of, end);
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            uint param_1 = c;
            load_channel(param_1, p, w, _1037, x, b, _1070);
            keep = false;
            uint current = 4294967295u;
            for (uint g = 0u; g < end; g += 8u)
            {
                uint param_2 = c;
                uint param_3 = r0 + g;
                load_rows(param_2, param_3, p, _1001, next);
                for (uint i = 0u; i < 8u; i++)
                {
                    uint q = sequence_of[g + i];
                    uint r = (r0 + g) + i;
                    if ((q != current) && (q != 4294967295u))
                    {
                        uint param_4 = c;
                        uint param_5 = q;
                        uint param_6 = r;
                        begin_sequence(param_4, param_5, param_6, p, _131, _546, _1001, x, keep);
                    }
                    current = q;
                    uint param_7 = i;
                    shift_in(param_7, x, next, keep);
                    if (q == 4294967295u)
                    {
                        continue;
                    }
                    _1418.dst[(p.dst_off + (r * p.dst_stride)) + c] = convolve(w, x, b);
                }
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

