#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Sequence
{
    uint from;
    uint to;
    uint first;
    uint rows;
};

struct RowSequence
{
    uint first;
    uint end;
    uint from;
    uint to;
};

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint first;
    uint channels;
    uint dst_off;
    uint dst_stride;
    uint z_off;
    uint z_stride;
    uint src_off;
    uint src_stride;
    uint norm_off;
    float eps;
    uint pitch;
    uint bias_off;
    uint conv_off;
    uint conv_stride;
    uint taps;
    uint conv_bias_off;
    uint state_off;
    uint state_stride;
    uint slots;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
    uint act;
    uint squares_off;
    uint squares_stride;
    uint squares;
};

struct Batch
{
    int batch[1];
};

struct Weight
{
    uint4 weight[1];
};

constant uint _587_tmp [[function_constant(0)]];
constant uint _587 = is_function_constant_defined(_587_tmp) ? _587_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_587, 1u, 1u);
constant uint _590 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _592 = (_590 / ROWS);
constant uint _600 = gl_WorkGroupSize.x;
constant uint _601 = (_600 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _833 = (ROWS * 2u);
constant uint _834 = (TILE / _833);
constant uint _992 = (OUTS * ROWS);
constant uint _1034 = gl_WorkGroupSize.x;
constant uint _1035 = (_1034 / ROWS);
constant uint _1291 = (OUTS * AHEAD);

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

constant uint _1670 = (1u << ROWS);
constant uint _1671 = (_1670 - 1u);
constant uint _1805 = (ROWS - 1u);
constant uint _1825 = (OUTS * ROWS);

struct ConvBias
{
    float conv_bias[1];
};

struct Conv
{
    float conv[1];
};

struct State
{
    float state[1];
};

constant uint count = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Z
{
    float z[1];
};

struct Dst
{
    float dst[1];
};

constant uint _2489 = (3u * OUTS);
constant uint _2505 = (3u * OUTS);
constant int _2511 = int(ROWS + 0u);
constant uint _2522 = (3u * OUTS);

struct Squares
{
    float squares_of[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _231)
{
    return min(p.batch_records, uint(max(_231.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _231)
{
    return uint(_231.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _231)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _231), batch_word(param_2, param_3, p, _231), batch_word(param_4, param_5, p, _231), batch_word(param_6, param_7, p, _231) };
    bool _285 = s.from >= slots;
    bool _294;
    if (!_285)
    {
        _294 = s.to >= slots;
    }
    else
    {
        _294 = _285;
    }
    bool _303;
    if (!_294)
    {
        _303 = s.rows > rows;
    }
    else
    {
        _303 = _294;
    }
    bool _315;
    if (!_303)
    {
        _315 = s.first > (rows - s.rows);
    }
    else
    {
        _315 = _303;
    }
    if (_315)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
Sequence record(thread const uint& q, constant Params& p, const device Batch& _231)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _231);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _231, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0)
{
    sequences = batch_seqs(p, _231);
    uint param = gl_SubgroupInvocationID;
    sequence0 = record(param, p, _231);
}

static inline __attribute__((always_inline))
void start(constant Params& p, const device Batch& _231, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0)
{
    fetch_sequences(p, _231, gl_SubgroupInvocationID, sequences, sequence0);
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Batch& _231)
{
    return min(p.rows, uint(max(_231.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _541)
{
    return _541.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1607)
{
    return _1607.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1627)
{
    return _1627.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
uint square_parts(thread uint& lanes)
{
    return max((_592 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _601;
    uint parts = square_parts(lanes);
    uint _652;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _652 = sub % parts;
            }
            else
            {
                _652 = 0u;
            }
            squares[(r * parts) + _652] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _231, thread uint& gl_SubgroupID, thread uint& gl_NumSubgroups, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
{
    if (gl_SubgroupID != 0u)
    {
        return;
    }
    uint lanes_ = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint none = _1671;
    for (uint q0 = 0u; q0 < p.batch_records; q0 += lanes_)
    {
        uint q = q0 + gl_SubgroupInvocationID;
        uint mine = 0u;
        Sequence s = sequence0;
        if (q0 > 0u)
        {
            uint param = q;
            s = record(param, p, _231);
        }
        for (uint r = 0u; r < ROWS; r++)
        {
            bool _1706 = q < sequences;
            bool _1718;
            if (_1706)
            {
                _1718 = ((first + r) - s.first) < s.rows;
            }
            else
            {
                _1718 = _1706;
            }
            if (_1718)
            {
                row_sequence[r] = RowSequence{ s.first, s.first + s.rows, s.from, s.to };
                mine |= (1u << r);
            }
        }
        none &= (~simd_or(mine));
    }
    for (uint r_1 = gl_SubgroupInvocationID; r_1 < ROWS; r_1 += lanes_)
    {
        if (((none >> r_1) & 1u) != 0u)
        {
            row_sequence[r_1] = RowSequence{ 0u, 0u, 0u, 0u };
        }
    }
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block, constant Params& p, const device Batch& _231, thread uint& gl_SubgroupID, thread uint& gl_NumSubgroups, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
{
    uint param = block * ROWS;
    find_sequences(param, p, _231, gl_SubgroupID, gl_NumSubgroups, gl_SubgroupInvocationID, sequences, sequence0, row_sequence);
}

static inline __attribute__((always_inline))
void look(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _1872, thread float (&tap)[4], const device Conv& _1910, thread float (&past)[3], device State& __restrict _1965)
{
    uint held = p.taps - 1u;
    for (uint u = 0u; u < 1u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = min((e / OUTS), _1805);
        uint t = (block * ROWS) + r;
        uint ch = (p.first + m) + k;
        RowSequence s = row_sequence[r];
        bool _1826 = e < _1825;
        bool _1835;
        if (_1826)
        {
            _1835 = (m + k) < p.outs;
        }
        else
        {
            _1835 = _1826;
        }
        bool _1843;
        if (_1835)
        {
            _1843 = ch < p.channels;
        }
        else
        {
            _1843 = _1835;
        }
        bool _1850;
        if (_1843)
        {
            _1850 = t < s.end;
        }
        else
        {
            _1850 = _1843;
        }
        bool some = _1850;
        tap_bias[u] = 0.0;
        bool _1865;
        if (some)
        {
            _1865 = p.conv_bias_off != 4294967295u;
        }
        else
        {
            _1865 = some;
        }
        if (_1865)
        {
            tap_bias[u] = _1872.conv_bias[p.conv_bias_off + ch];
        }
        for (uint j = 0u; j <= 3u; j++)
        {
            tap[(u * 4u) + j] = 0.0;
            if (some && (j <= held))
            {
                tap[(u * 4u) + j] = _1910.conv[(p.conv_off + (ch * p.conv_stride)) + j];
            }
        }
        for (uint i = 0u; i < 3u; i++)
        {
            past[(u * 3u) + i] = 0.0;
            bool _1946 = some && (i < held);
            bool _1955;
            if (_1946)
            {
                _1955 = (t - s.first) < held;
            }
            else
            {
                _1955 = _1946;
            }
            if (_1955)
            {
                past[(u * 3u) + i] = _1965.state[((p.state_off + (s.from * p.state_stride)) + (ch * held)) + i];
            }
        }
    }
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block, constant Params& p, thread uint& member, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _1872, thread float (&tap)[4], const device Conv& _1910, thread float (&past)[3], device State& __restrict _1965)
{
    uint param = m;
    uint param_1 = block;
    uint param_2 = member;
    look(param, param_1, param_2, p, members, row_sequence, tap_bias, _1872, tap, _1910, past, _1965);
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _193;
    if (q == 0u)
    {
        _193 = chunk.xy;
    }
    else
    {
        _193 = chunk.zw;
    }
    uint2 h = _193;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
float dot_add(thread const float4& a, thread const float4& b, thread const float& sum)
{
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

static inline __attribute__((always_inline))
uint sum_at(thread const int& r, thread const uint& i, thread uint& sub)
{
    return (((sub * 11u) + uint(3 + r)) * 4u) + i;
}

static inline __attribute__((always_inline))
float rms_scale(thread const float& squares, thread const uint& n, thread const float& eps)
{
    return 9.31322574615478515625e-10 * rsqrt((squares / float(n)) + ((eps * 9.31322574615478515625e-10) * 9.31322574615478515625e-10));
}

static inline __attribute__((always_inline))
float row_scale(thread const uint& r, constant Params& p, thread uint& lanes, threadgroup float (&squares)[128])
{
    float sum = 0.0;
    uint parts = square_parts(lanes);
    for (uint i = 0u; i < parts; i++)
    {
        sum += squares[(r * parts) + i];
    }
    float param = sum;
    uint param_1 = p.cols;
    float param_2 = p.eps;
    return rms_scale(param, param_1, param_2);
}

static inline __attribute__((always_inline))
float window(thread const RowSequence& s, thread const uint& block, thread const uint& u, thread const uint& i, thread const uint& held, thread const uint& k, thread uint& sub, threadgroup float (&sums)[704], thread float (&past)[3])
{
    if (i >= held)
    {
        int param = int((s.first + i) - held) - int(block * ROWS);
        uint param_1 = k;
        return sums[sum_at(param, param_1, sub)];
    }
    float x = past[u * 3u];
    for (uint j = 1u; j < 3u; j++)
    {
        if (i == j)
        {
            x = past[(u * 3u) + j];
        }
    }
    return x;
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
    float _381;
    if (x < 0.0)
    {
        _381 = tail;
    }
    else
    {
        _381 = 1.0 - tail;
    }
    return _381;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, threadgroup float (&squares)[128], thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _1872, thread float (&tap)[4], const device Conv& _1910, thread float (&past)[3], device State& __restrict _1965, const device Bias& _2117, device Z& __restrict _2147, device Dst& __restrict _2306)
{
    uint held = p.taps - 1u;
    uint _step = 1u * members;
    bool looked = count <= _step;
    for (uint e = member; e < count; e += members)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        if ((m + k) >= p.outs)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        uint param_2 = r;
        float x = sums[sum_at(param, param_1, sub)] * row_scale(param_2, p, lanes, squares);
        uint ch = (p.first + m) + k;
        if (p.bias_off != 4294967295u)
        {
            x += _2117.bias0[p.bias_off + ch];
        }
        int param_3 = int(r);
        uint param_4 = k;
        sums[sum_at(param_3, param_4, sub)] = x;
        if ((ch >= p.channels) && (t < alive))
        {
            _2147.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
        }
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    for (uint e0 = member; e0 < count; e0 += _step)
    {
        if (!looked)
        {
            uint param_5 = m;
            uint param_6 = block;
            uint param_7 = e0;
            look(param_5, param_6, param_7, p, members, row_sequence, tap_bias, _1872, tap, _1910, past, _1965);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e_1 = e0 + (u * members);
            uint k_1 = e_1 % OUTS;
            uint r_1 = e_1 / OUTS;
            uint t_1 = (block * ROWS) + r_1;
            uint ch_1 = (p.first + m) + k_1;
            bool _2220 = e_1 >= count;
            bool _2230;
            if (!_2220)
            {
                _2230 = (m + k_1) >= p.outs;
            }
            else
            {
                _2230 = _2220;
            }
            bool _2238;
            if (!_2230)
            {
                _2238 = ch_1 >= p.channels;
            }
            else
            {
                _2238 = _2230;
            }
            if (_2238 || (t_1 >= alive))
            {
                continue;
            }
            RowSequence s = row_sequence[r_1];
            if (t_1 >= s.end)
            {
                continue;
            }
            float sum = tap_bias[u];
            for (uint j = 0u; j <= 3u; j++)
            {
                if (j <= held)
                {
                    RowSequence param_8 = s;
                    uint param_9 = block;
                    uint param_10 = u;
                    uint param_11 = (t_1 - s.first) + j;
                    uint param_12 = held;
                    uint param_13 = k_1;
                    sum += (tap[(u * 4u) + j] * window(param_8, param_9, param_10, param_11, param_12, param_13, sub, sums, past));
                }
            }
            uint param_14 = p.act;
            float param_15 = sum;
            _2306.dst[(p.dst_off + (t_1 * p.dst_stride)) + ch_1] = activate(param_14, param_15);
        }
    }
    simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
    for (uint e0_1 = member; e0_1 < count; e0_1 += _step)
    {
        if (!looked)
        {
            uint param_16 = m;
            uint param_17 = block;
            uint param_18 = e0_1;
            look(param_16, param_17, param_18, p, members, row_sequence, tap_bias, _1872, tap, _1910, past, _1965);
        }
        for (uint u_1 = 0u; u_1 < 1u; u_1++)
        {
            uint e_2 = e0_1 + (u_1 * members);
            uint k_2 = e_2 % OUTS;
            uint r_2 = e_2 / OUTS;
            uint t_2 = (block * ROWS) + r_2;
            uint ch_2 = (p.first + m) + k_2;
            bool _2384 = e_2 >= count;
            bool _2394;
            if (!_2384)
            {
                _2394 = (m + k_2) >= p.outs;
            }
            else
            {
                _2394 = _2384;
            }
            bool _2402;
            if (!_2394)
            {
                _2402 = ch_2 >= p.channels;
            }
            else
            {
                _2402 = _2394;
            }
            if (_2402 || (t_2 >= alive))
            {
                continue;
            }
            RowSequence s_1 = row_sequence[r_2];
            if ((t_2 + 1u) != s_1.end)
            {
                continue;
            }
            for (uint j_1 = 0u; j_1 < 3u; j_1++)
            {
                if (j_1 < held)
                {
                    RowSequence param_19 = s_1;
                    uint param_20 = block;
                    uint param_21 = u_1;
                    uint param_22 = ((t_2 + 1u) - s_1.first) + j_1;
                    uint param_23 = held;
                    uint param_24 = k_2;
                    _1965.state[((p.state_off + (s_1.to * p.state_stride)) + (ch_2 * held)) + j_1] = window(param_19, param_20, param_21, param_22, param_23, param_24, sub, sums, past);
                }
            }
        }
    }
    if (p.rows <= ROWS)
    {
        return;
    }
    float _2507;
    for (uint e0_2 = 0u; e0_2 < _2489; e0_2 += members)
    {
        uint e_3 = e0_2 + member;
        uint k_3 = e_3 % OUTS;
        int r_3 = int(e_3 / OUTS) - 3;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2505)
        {
            int param_25 = r_3 + _2511;
            uint param_26 = k_3;
            _2507 = sums[sum_at(param_25, param_26, sub)];
        }
        else
        {
            _2507 = 0.0;
        }
        float x_1 = _2507;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2522)
        {
            int param_27 = r_3;
            uint param_28 = k_3;
            sums[sum_at(param_27, param_28, sub)] = x_1;
        }
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void in_proj_conv_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2306 [[buffer(1)]], device Z& __restrict _2147 [[buffer(2)]], const device Src& _1607 [[buffer(3)]], const device Norm& _1627 [[buffer(4)]], const device Weight& __restrict _541 [[buffer(5)]], const device Bias& _2117 [[buffer(6)]], const device Conv& _1910 [[buffer(7)]], const device ConvBias& _1872 [[buffer(8)]], device State& __restrict _1965 [[buffer(9)]], const device Batch& _231 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[704];
    threadgroup RowSequence row_sequence[8];
    uint part = 0u;
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint member = lane;
    uint members = lanes;
    uint sequences;
    Sequence sequence0;
    start(p, _231, gl_SubgroupInvocationID, sequences, sequence0);
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1);
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint param_2 = p.cols;
    uint param_3 = p.pitch;
    uint _all = chunks(param_2, param_3);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), _all);
    uint end = min((begin + span), _all);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _834 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _231);
    uint blocks = 1u;
    float tap_bias[1];
    float tap[4];
    float past[3];
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _869;
    if ((first + sub) < last)
    {
        _869 = (first + sub) * OUTS;
    }
    else
    {
        _869 = p.outs;
    }
    uint m = _869;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _919 = w_ < end;
            bool _926;
            if (_919)
            {
                _926 = m_ < p.outs;
            }
            else
            {
                _926 = _919;
            }
            if (_926)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _541);
            }
        }
    }
    uint _961;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    uint4 now[8];
    uint _1323;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _961 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _961 = p.outs;
        }
        uint after = _961;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _992; i_1++)
            {
                acc[i_1] = 0.0;
            }
            float mine = 0.0;
            uint room = 0u;
            for (uint s = 0u; s < steps; s++)
            {
                uint w = begin + (s * stride);
                if (room == 0u)
                {
                    room = held;
                    if ((!once) || (g == first))
                    {
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                        uint team = _1035;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1051 = min(words, (end - w)) * 2u;
                        uint _1055 = at % team;
                        uint quads = _1051;
                        uint v0 = _1055;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint c = column(param_6, param_7);
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _1096 = v < quads;
                                    bool _1103;
                                    if (_1096)
                                    {
                                        _1103 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1103 = _1096;
                                    }
                                    bool _1112;
                                    if (_1103)
                                    {
                                        _1112 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1112 = _1103;
                                    }
                                    if (_1112)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1607);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint param_10 = w;
                                uint param_11 = v_1;
                                uint c_1 = column(param_10, param_11);
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _1162 = v_1 < quads;
                                    bool _1171;
                                    if (_1162)
                                    {
                                        _1171 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _1171 = _1162;
                                    }
                                    if (_1171)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _1627);
                                    }
                                }
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_13 = x[j_2][k_2];
                                    float _1213 = rms_square(param_13);
                                    mine += _1213;
                                }
                                x[j_2] *= gain[j_2];
                                if (v_2 < quads)
                                {
                                    tile[(((r * 2u) + (v_2 % 2u)) * words) + (v_2 / 2u)] = x[j_2];
                                }
                            }
                            v0 += (4u * team);
                        } while (v0 < quads);
                        if ((s + held) >= steps)
                        {
                            float param_14 = mine;
                            put_squares(param_14, sub, lanes, at, lane, squares);
                        }
                        if (s == 0u)
                        {
                            uint param_15 = block;
                            prepare(param_15, p, _231, gl_SubgroupID, gl_NumSubgroups, gl_SubgroupInvocationID, sequences, sequence0, row_sequence);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_16 = m;
                    uint param_17 = block;
                    expect(param_16, param_17, p, member, members, row_sequence, tap_bias, _1872, tap, _1910, past, _1965);
                }
                for (uint i_2 = 0u; i_2 < _1291; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1317;
                if (!more)
                {
                    _1317 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1317 = more;
                }
                uint m_next = _1317 ? m : after;
                if (more)
                {
                    _1323 = w + stride;
                }
                else
                {
                    _1323 = begin;
                }
                uint w_next = _1323;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _1368 = w_1 < end;
                        bool _1375;
                        if (_1368)
                        {
                            _1375 = m_1 < p.outs;
                        }
                        else
                        {
                            _1375 = _1368;
                        }
                        if (_1375)
                        {
                            uint param_18 = m_1;
                            uint param_19 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_18, param_19, p, _541);
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    uint wu = (w + (u_2 * lanes)) + lane;
                    if (wu < end)
                    {
                        for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                        {
                            uint4 param_20 = now[(i_4 * AHEAD) + u_2];
                            uint param_21 = wu;
                            scale[i_4] = scales_of(param_20, param_21);
                        }
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                            {
                                uint4 param_22 = now[(i_5 * AHEAD) + u_2];
                                uint param_23 = scale[i_5];
                                uint param_24 = 0u;
                                uint param_25 = q;
                                y[i_5] = weight4(param_22, param_23, param_24, param_25);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[(((((r_1 * 2u) + 0u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                {
                                    float4 param_26 = y[i_6];
                                    float4 param_27 = x_1;
                                    float param_28 = acc[(i_6 * ROWS) + r_1];
                                    acc[(i_6 * ROWS) + r_1] = dot_add(param_26, param_27, param_28);
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_7 = 0u; i_7 < OUTS; i_7++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_7 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_29 = int(r_2);
                        uint param_30 = i_7;
                        sums[sum_at(param_29, param_30, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_31 = m;
            uint param_32 = block;
            finish(param_31, param_32, p, sub, lanes, squares, member, members, alive, sums, row_sequence, tap_bias, _1872, tap, _1910, past, _1965, _2117, _2147, _2306);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

