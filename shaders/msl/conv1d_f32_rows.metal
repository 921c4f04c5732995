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
    uint packed_off;
    uint packed_stride;
};

struct Batch
{
    int batch[1];
};

constant uint STATE_TYPE_tmp [[function_constant(17)]];
constant uint STATE_TYPE = is_function_constant_defined(STATE_TYPE_tmp) ? STATE_TYPE_tmp : 0u;
constant bool _505 = (STATE_TYPE == 1u);
constant bool _519 = (STATE_TYPE == 0u);
constant bool _524 = (STATE_TYPE == 1u);
constant bool _542 = (STATE_TYPE == 0u);

struct State
{
    uint state[1];
};

constant bool _579 = (STATE_TYPE == 1u);
constant bool _593 = (STATE_TYPE == 0u);
#ifndef SPIRV_CROSS_CONSTANT_ID_3
#define SPIRV_CROSS_CONSTANT_ID_3 40u
#endif
constant uint SPAN = SPIRV_CROSS_CONSTANT_ID_3;
constant uint _843_tmp [[function_constant(0)]];
constant uint _843 = is_function_constant_defined(_843_tmp) ? _843_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_843, 1u, 1u);
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
constant uint _1277 = (TAPS - 2u);
constant uint _1278 = (TAPS - 2u);
constant uint _1284 = (TAPS - 1u);
constant uint ACT_tmp [[function_constant(2)]];
constant uint ACT = is_function_constant_defined(ACT_tmp) ? ACT_tmp : 1u;

struct Dst
{
    float dst[1];
};

struct Packed
{
    uint _packed[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _137)
{
    return min(p.batch_records, uint(max(_137.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _137)
{
    return uint(_137.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _137)
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
    Sequence s = Sequence{ batch_word(param, param_1, p, _137), batch_word(param_2, param_3, p, _137), batch_word(param_4, param_5, p, _137), batch_word(param_6, param_7, p, _137), batch_word(param_8, param_9, p, _137), batch_word(param_10, param_11, p, _137) };
    uint param_12 = seq;
    uint param_13 = 7u;
    bool keep = (batch_word(param_12, param_13, p, _137) == 1u) && (slots != 4294967295u);
    bool _213 = s.from >= slots;
    bool _222;
    if (!_213)
    {
        _222 = s.to >= slots;
    }
    else
    {
        _222 = _213;
    }
    bool _231;
    if (!_222)
    {
        _231 = s.rows > rows;
    }
    else
    {
        _231 = _222;
    }
    bool _243;
    if (!_231)
    {
        _243 = s.first > (rows - s.rows);
    }
    else
    {
        _243 = _231;
    }
    if (_243)
    {
        s.rows = 0u;
    }
    bool _276;
    if (keep)
    {
        bool _255 = s.ring_len < s.rows;
        bool _263;
        if (!_255)
        {
            _263 = s.ring_len > slots;
        }
        else
        {
            _263 = _255;
        }
        bool _275;
        if (!_263)
        {
            _275 = s.ring > (slots - s.ring_len);
        }
        else
        {
            _275 = _263;
        }
        _276 = _275;
    }
    else
    {
        _276 = keep;
    }
    if (_276)
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
void find_sequences(thread const uint& r0, constant Params& p, const device Batch& _137, thread uint& gl_LocalInvocationIndex, threadgroup uint (&sequence_of)[SPAN], threadgroup uint& end)
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
    uint seqs = batch_seqs(p, _137);
    uint r1 = r0 + p.steps;
    uint _909;
    uint _922;
    for (uint q = gl_LocalInvocationIndex; q < seqs; q += gl_WorkGroupSize.x)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _137);
        uint free = s.first + HELD;
        uint last = s.first + s.rows;
        bool _899 = s.first >= r0;
        bool _906;
        if (_899)
        {
            _906 = s.first < r1;
        }
        else
        {
            _906 = _899;
        }
        bool begins = _906;
        if (begins)
        {
            _909 = s.first;
        }
        else
        {
            _909 = max(r0, free);
        }
        uint from = _909;
        if (begins)
        {
            _922 = max(r1, free);
        }
        else
        {
            _922 = r1;
        }
        uint to = min(last, _922);
        bool _934 = s.rows == 0u;
        bool _942;
        if (!_934)
        {
            _942 = s.first >= r1;
        }
        else
        {
            _942 = _934;
        }
        if (_942)
        {
            continue;
        }
        for (uint r = from; r < to; r++)
        {
            sequence_of[r - r0] = q;
        }
        if (to > from)
        {
            uint _971 = atomic_fetch_max_explicit((threadgroup atomic_uint*)&end, to - r0, memory_order_relaxed);
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
void load_channel(thread const uint& c, constant Params& p, thread float (&w)[TAPS], const device Weight& _1039, thread float (&x)[TAPS], thread float& b, const device Bias& _1072)
{
    for (uint j = 0u; j < TAPS; j++)
    {
        w[j] = _1039.weight[(p.weight_off + (c * p.weight_stride)) + j];
        x[j] = 0.0;
    }
    float _1065;
    if (p.bias_off == 4294967295u)
    {
        _1065 = 0.0;
    }
    else
    {
        _1065 = _1072.bias0[p.bias_off + c];
    }
    b = _1065;
}

static inline __attribute__((always_inline))
void load_rows(thread const uint& c, thread const uint& r0, constant Params& p, const device Src& __restrict _1003, thread float (&next)[8])
{
    for (uint i = 0u; i < 8u; i++)
    {
        uint r = min((r0 + i), (p.rows - 1u));
        next[i] = _1003.src[(p.src_off + (r * p.src_stride)) + c];
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
float state_at(thread const uint& i, thread const bool& alone, device State& __restrict _548)
{
    if (_542)
    {
        return as_type<float>(_548.state[i]);
    }
    uint _557;
    if (alone)
    {
        _557 = _548.state[i / 2u];
    }
    else
    {
        uint _568 = atomic_fetch_or_explicit((device atomic_uint*)&_548.state[i / 2u], 0u, memory_order_relaxed);
        _557 = _568;
    }
    uint word = _557;
    uint bits = (word >> (16u * (i % 2u))) & 65535u;
    float _580;
    if (_579)
    {
        uint param = bits;
        _580 = float16_value(param);
    }
    else
    {
        _580 = as_type<float>(bits << uint(16));
    }
    return _580;
}

static inline __attribute__((always_inline))
float input_(thread const Sequence& s, thread const uint& c, thread const uint& i, constant Params& p, device State& __restrict _548, const device Src& __restrict _1003)
{
    float _977;
    if (i < HELD)
    {
        uint param = ((p.state_off + (s.from * p.state_stride)) + (c * HELD)) + i;
        bool param_1 = false;
        float _998 = state_at(param, param_1, _548);
        _977 = _998;
    }
    else
    {
        _977 = _1003.src[(p.src_off + (((s.first + i) - HELD) * p.src_stride)) + c];
    }
    return _977;
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
    bool _450 = lost > middle;
    bool _463;
    if (!_450)
    {
        bool _456 = lost == middle;
        bool _462;
        if (_456)
        {
            _462 = (kept % 2u) == 1u;
        }
        else
        {
            _462 = _456;
        }
        _463 = _462;
    }
    else
    {
        _463 = _450;
    }
    return _sign | (kept + uint(_463));
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
    if (_519)
    {
        return v;
    }
    float _525;
    if (_524)
    {
        float param = v;
        uint param_1 = float16_bits(param);
        _525 = float16_value(param_1);
    }
    else
    {
        float param_2 = v;
        _525 = as_type<float>(bfloat16_bits(param_2) << uint(16));
    }
    return _525;
}

static inline __attribute__((always_inline))
uint ring_slot(thread const uint& from, thread const uint& ring, thread const uint& ring_len, thread const uint& i)
{
    uint _294;
    if ((from - ring) < ring_len)
    {
        _294 = ((from - ring) + i) + 1u;
    }
    else
    {
        _294 = i;
    }
    uint at = _294;
    uint _310;
    if (at < ring_len)
    {
        _310 = at;
    }
    else
    {
        _310 = at - ring_len;
    }
    return ring + _310;
}

static inline __attribute__((always_inline))
uint state_bits(thread const float& v)
{
    uint _506;
    if (_505)
    {
        float param = v;
        _506 = float16_bits(param);
    }
    else
    {
        float param_1 = v;
        _506 = bfloat16_bits(param_1);
    }
    return _506;
}

static inline __attribute__((always_inline))
void set_state(thread const uint& i, thread const float& v, device State& __restrict _548)
{
    if (_593)
    {
        _548.state[i] = as_type<uint>(v);
        return;
    }
    uint shift = 16u * (i % 2u);
    uint _611 = atomic_fetch_and_explicit((device atomic_uint*)&_548.state[i / 2u], 4294901760u >> shift, memory_order_relaxed);
    float param = v;
    uint _620 = atomic_fetch_or_explicit((device atomic_uint*)&_548.state[i / 2u], state_bits(param) << shift, memory_order_relaxed);
}

static inline __attribute__((always_inline))
void store_state(thread const Sequence& s, thread const uint& c, thread const uint& slot, thread const uint& i, constant Params& p, device State& __restrict _548, const device Src& __restrict _1003)
{
    uint to = (p.state_off + (slot * p.state_stride)) + (c * HELD);
    for (uint j = 0u; j < HELD; j++)
    {
        Sequence param = s;
        uint param_1 = c;
        uint param_2 = (i + 1u) + j;
        float _1146 = input_(param, param_1, param_2, p, _548, _1003);
        uint param_3 = to + j;
        float param_4 = _1146;
        set_state(param_3, param_4, _548);
    }
}

static inline __attribute__((always_inline))
void begin_sequence(thread const uint& c, thread const uint& q, thread const uint& r, constant Params& p, const device Batch& _137, device State& __restrict _548, const device Src& __restrict _1003, thread float (&x)[TAPS], thread bool& keep)
{
    uint param = q;
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    Sequence s = batch_sequence(param, param_1, param_2, p, _137);
    keep = s.ring_len != 0u;
    for (uint j = 1u; j < TAPS; j++)
    {
        Sequence param_3 = s;
        uint param_4 = c;
        uint param_5 = ((r - s.first) + j) - 1u;
        float _1188 = input_(param_3, param_4, param_5, p, _548, _1003);
        x[j] = _1188;
        if (keep)
        {
            float param_6 = x[j];
            x[j] = state_round(param_6);
        }
    }
    if (r == s.first)
    {
        if (keep)
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
                store_state(param_11, param_12, param_13, param_14, p, _548, _1003);
            }
        }
        Sequence param_15 = s;
        uint param_16 = c;
        uint param_17 = s.to;
        uint param_18 = s.rows - 1u;
        store_state(param_15, param_16, param_17, param_18, p, _548, _1003);
    }
}

static inline __attribute__((always_inline))
void shift_in(thread const uint& i, thread float (&x)[TAPS], thread float (&next)[8], thread bool& keep)
{
    for (uint j = 1u; j < TAPS; j++)
    {
        x[j - 1u] = x[j];
    }
    if (_1272 && keep)
    {
        float param = x[_1278];
        x[_1277] = state_round(param);
    }
    x[_1284] = next[i];
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
    float _680;
    if (x < 0.0)
    {
        _680 = tail;
    }
    else
    {
        _680 = 1.0 - tail;
    }
    return _680;
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

static inline __attribute__((always_inline))
void store(thread const uint& r, thread const uint& c, thread const float& v, constant Params& p, device Dst& __restrict _1320)
{
    _1320.dst[(p.dst_off + (r * p.dst_stride)) + c] = v;
}

kernel void conv1d_f32_rows(constant Params& p [[buffer(0)]], device Dst& __restrict _1320 [[buffer(1)]], const device Src& __restrict _1003 [[buffer(2)]], const device Weight& _1039 [[buffer(3)]], const device Bias& _1072 [[buffer(4)]], device State& __restrict _548 [[buffer(5)]], const device Batch& _137 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint sequence_of[SPAN];
    threadgroup uint end;
    uint _1339 = gl_WorkGroupID.y * p.steps;
    float w[TAPS];
    float x[TAPS];
    float b;
    float next[8];
    bool keep;
    for (uint r0 = _1339; r0 < p.rows; r0 += (gl_NumWorkGroups.y * p.steps))
    {
        uint param = r0;
        find_sequences(param, p, _137, gl_LocalInvocationIndex, sequence_of, end);
        for (uint c = gl_GlobalInvocationID.x; c < p.cols; c += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            uint param_1 = c;
            load_channel(param_1, p, w, _1039, x, b, _1072);
            keep = false;
            uint current = 4294967295u;
            for (uint g = 0u; g < end; g += 8u)
            {
                uint param_2 = c;
                uint param_3 = r0 + g;
                load_rows(param_2, param_3, p, _1003, next);
                for (uint i = 0u; i < 8u; i++)
                {
                    uint q = sequence_of[g + i];
                    uint r = (r0 + g) + i;
                    if ((q != current) && (q != 4294967295u))
                    {
                        uint param_4 = c;
                        uint param_5 = q;
                        uint param_6 = r;
                        begin_sequence(param_4, param_5, param_6, p, _137, _548, _1003, x, keep);
                    }
                    current = q;
                    uint param_7 = i;
                    shift_in(param_7, x, next, keep);
                    if (q == 4294967295u)
                    {
                        continue;
                    }
                    uint param_8 = r;
                    uint param_9 = c;
                    float param_10 = convolve(w, x, b);
                    store(param_8, param_9, param_10, p, _1320);
                }
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

