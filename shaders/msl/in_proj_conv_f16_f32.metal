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

constant uint _583_tmp [[function_constant(0)]];
constant uint _583 = is_function_constant_defined(_583_tmp) ? _583_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_583, 1u, 1u);
constant uint _586 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _588 = (_586 / ROWS);
constant uint _596 = gl_WorkGroupSize.x;
constant uint _597 = (_596 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _829 = (ROWS * 2u);
constant uint _830 = (TILE / _829);
constant uint _988 = (OUTS * ROWS);
constant uint _1030 = gl_WorkGroupSize.x;
constant uint _1031 = (_1030 / ROWS);
constant uint _1287 = (OUTS * AHEAD);

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

constant uint _1666 = (1u << ROWS);
constant uint _1667 = (_1666 - 1u);
constant uint _1801 = (ROWS - 1u);
constant uint _1821 = (OUTS * ROWS);

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

constant uint _2486 = (3u * OUTS);
constant uint _2502 = (3u * OUTS);
constant int _2508 = int(ROWS + 0u);
constant uint _2519 = (3u * OUTS);

struct Squares
{
    float squares_of[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _227)
{
    return min(p.batch_records, uint(max(_227.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _227)
{
    return uint(_227.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _227)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _227), batch_word(param_2, param_3, p, _227), batch_word(param_4, param_5, p, _227), batch_word(param_6, param_7, p, _227) };
    bool _281 = s.from >= slots;
    bool _290;
    if (!_281)
    {
        _290 = s.to >= slots;
    }
    else
    {
        _290 = _281;
    }
    bool _299;
    if (!_290)
    {
        _299 = s.rows > rows;
    }
    else
    {
        _299 = _290;
    }
    bool _311;
    if (!_299)
    {
        _311 = s.first > (rows - s.rows);
    }
    else
    {
        _311 = _299;
    }
    if (_311)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
Sequence record(thread const uint& q, constant Params& p, const device Batch& _227)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _227);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _227, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0)
{
    sequences = batch_seqs(p, _227);
    uint param = gl_SubgroupInvocationID;
    sequence0 = record(param, p, _227);
}

static inline __attribute__((always_inline))
void start(constant Params& p, const device Batch& _227, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0)
{
    fetch_sequences(p, _227, gl_SubgroupInvocationID, sequences, sequence0);
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
uint live_rows(constant Params& p, const device Batch& _227)
{
    return min(p.rows, uint(max(_227.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _537)
{
    return _537.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1603)
{
    return _1603.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1623)
{
    return _1623.norm[p.norm_off + c];
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
    return max((_588 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _597;
    uint parts = square_parts(lanes);
    uint _648;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _648 = sub % parts;
            }
            else
            {
                _648 = 0u;
            }
            squares[(r * parts) + _648] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _227, thread uint& gl_SubgroupID, thread uint& gl_NumSubgroups, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
{
    if (gl_SubgroupID != 0u)
    {
        return;
    }
    uint lanes_ = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint none = _1667;
    for (uint q0 = 0u; q0 < p.batch_records; q0 += lanes_)
    {
        uint q = q0 + gl_SubgroupInvocationID;
        uint mine = 0u;
        Sequence s = sequence0;
        if (q0 > 0u)
        {
            uint param = q;
            s = record(param, p, _227);
        }
        for (uint r = 0u; r < ROWS; r++)
        {
            bool _1702 = q < sequences;
            bool _1714;
            if (_1702)
            {
                _1714 = ((first + r) - s.first) < s.rows;
            }
            else
            {
                _1714 = _1702;
            }
            if (_1714)
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
void prepare(thread const uint& block, constant Params& p, const device Batch& _227, thread uint& gl_SubgroupID, thread uint& gl_NumSubgroups, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
{
    uint param = block * ROWS;
    find_sequences(param, p, _227, gl_SubgroupID, gl_NumSubgroups, gl_SubgroupInvocationID, sequences, sequence0, row_sequence);
}

static inline __attribute__((always_inline))
void look(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _1868, thread float (&tap)[4], const device Conv& _1906, thread float (&past)[3], device State& __restrict _1962)
{
    uint held = p.taps - 1u;
    for (uint u = 0u; u < 1u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = min((e / OUTS), _1801);
        uint t = (block * ROWS) + r;
        uint ch = (p.first + m) + k;
        RowSequence s = row_sequence[r];
        bool _1822 = e < _1821;
        bool _1831;
        if (_1822)
        {
            _1831 = (m + k) < p.outs;
        }
        else
        {
            _1831 = _1822;
        }
        bool _1839;
        if (_1831)
        {
            _1839 = ch < p.channels;
        }
        else
        {
            _1839 = _1831;
        }
        bool _1846;
        if (_1839)
        {
            _1846 = t < s.end;
        }
        else
        {
            _1846 = _1839;
        }
        bool some = _1846;
        tap_bias[u] = 0.0;
        bool _1861;
        if (some)
        {
            _1861 = p.conv_bias_off != 4294967295u;
        }
        else
        {
            _1861 = some;
        }
        if (_1861)
        {
            tap_bias[u] = _1868.conv_bias[p.conv_bias_off + ch];
        }
        for (uint j = 0u; j <= 3u; j++)
        {
            tap[(u * 4u) + j] = 0.0;
            if (some && (j <= held))
            {
                tap[(u * 4u) + j] = _1906.conv[(p.conv_off + (ch * p.conv_stride)) + j];
            }
        }
        for (uint i = 0u; i < 3u; i++)
        {
            past[(u * 3u) + i] = 0.0;
            bool _1943 = some && (i < held);
            bool _1952;
            if (_1943)
            {
                _1952 = (t - s.first) < held;
            }
            else
            {
                _1952 = _1943;
            }
            if (_1952)
            {
                past[(u * 3u) + i] = _1962.state[((p.state_off + (s.from * p.state_stride)) + (ch * held)) + i];
            }
        }
    }
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block, constant Params& p, thread uint& member, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _1868, thread float (&tap)[4], const device Conv& _1906, thread float (&past)[3], device State& __restrict _1962)
{
    uint param = m;
    uint param_1 = block;
    uint param_2 = member;
    look(param, param_1, param_2, p, members, row_sequence, tap_bias, _1868, tap, _1906, past, _1962);
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
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
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
    float _377;
    if (x < 0.0)
    {
        _377 = tail;
    }
    else
    {
        _377 = 1.0 - tail;
    }
    return _377;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, threadgroup float (&squares)[128], thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _1868, thread float (&tap)[4], const device Conv& _1906, thread float (&past)[3], device State& __restrict _1962, const device Bias& _2114, device Z& __restrict _2144, device Dst& __restrict _2303)
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
            x += _2114.bias0[p.bias_off + ch];
        }
        int param_3 = int(r);
        uint param_4 = k;
        sums[sum_at(param_3, param_4, sub)] = x;
        if ((ch >= p.channels) && (t < alive))
        {
            _2144.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
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
            look(param_5, param_6, param_7, p, members, row_sequence, tap_bias, _1868, tap, _1906, past, _1962);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e_1 = e0 + (u * members);
            uint k_1 = e_1 % OUTS;
            uint r_1 = e_1 / OUTS;
            uint t_1 = (block * ROWS) + r_1;
            uint ch_1 = (p.first + m) + k_1;
            bool _2217 = e_1 >= count;
            bool _2227;
            if (!_2217)
            {
                _2227 = (m + k_1) >= p.outs;
            }
            else
            {
                _2227 = _2217;
            }
            bool _2235;
            if (!_2227)
            {
                _2235 = ch_1 >= p.channels;
            }
            else
            {
                _2235 = _2227;
            }
            if (_2235 || (t_1 >= alive))
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
            _2303.dst[(p.dst_off + (t_1 * p.dst_stride)) + ch_1] = activate(param_14, param_15);
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
            look(param_16, param_17, param_18, p, members, row_sequence, tap_bias, _1868, tap, _1906, past, _1962);
        }
        for (uint u_1 = 0u; u_1 < 1u; u_1++)
        {
            uint e_2 = e0_1 + (u_1 * members);
            uint k_2 = e_2 % OUTS;
            uint r_2 = e_2 / OUTS;
            uint t_2 = (block * ROWS) + r_2;
            uint ch_2 = (p.first + m) + k_2;
            bool _2381 = e_2 >= count;
            bool _2391;
            if (!_2381)
            {
                _2391 = (m + k_2) >= p.outs;
            }
            else
            {
                _2391 = _2381;
            }
            bool _2399;
            if (!_2391)
            {
                _2399 = ch_2 >= p.channels;
            }
            else
            {
                _2399 = _2391;
            }
            if (_2399 || (t_2 >= alive))
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
                    _1962.state[((p.state_off + (s_1.to * p.state_stride)) + (ch_2 * held)) + j_1] = window(param_19, param_20, param_21, param_22, param_23, param_24, sub, sums, past);
                }
            }
        }
    }
    if (p.rows <= ROWS)
    {
        return;
    }
    float _2504;
    for (uint e0_2 = 0u; e0_2 < _2486; e0_2 += members)
    {
        uint e_3 = e0_2 + member;
        uint k_3 = e_3 % OUTS;
        int r_3 = int(e_3 / OUTS) - 3;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2502)
        {
            int param_25 = r_3 + _2508;
            uint param_26 = k_3;
            _2504 = sums[sum_at(param_25, param_26, sub)];
        }
        else
        {
            _2504 = 0.0;
        }
        float x_1 = _2504;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _2519)
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

kernel void in_proj_conv_f16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2303 [[buffer(1)]], device Z& __restrict _2144 [[buffer(2)]], const device Src& _1603 [[buffer(3)]], const device Norm& _1623 [[buffer(4)]], const device Weight& __restrict _537 [[buffer(5)]], const device Bias& _2114 [[buffer(6)]], const device Conv& _1906 [[buffer(7)]], const device ConvBias& _1868 [[buffer(8)]], device State& __restrict _1962 [[buffer(9)]], const device Batch& _227 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
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
    start(p, _227, gl_SubgroupInvocationID, sequences, sequence0);
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
    uint held = _830 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _227);
    uint blocks = 1u;
    float tap_bias[1];
    float tap[4];
    float past[3];
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _865;
    if ((first + sub) < last)
    {
        _865 = (first + sub) * OUTS;
    }
    else
    {
        _865 = p.outs;
    }
    uint m = _865;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _915 = w_ < end;
            bool _922;
            if (_915)
            {
                _922 = m_ < p.outs;
            }
            else
            {
                _922 = _915;
            }
            if (_922)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _537);
            }
        }
    }
    uint _957;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    uint4 now[8];
    uint _1319;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _957 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _957 = p.outs;
        }
        uint after = _957;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _988; i_1++)
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
                        uint team = _1031;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1047 = min(words, (end - w)) * 2u;
                        uint _1051 = at % team;
                        uint quads = _1047;
                        uint v0 = _1051;
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
                                    bool _1092 = v < quads;
                                    bool _1099;
                                    if (_1092)
                                    {
                                        _1099 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1099 = _1092;
                                    }
                                    bool _1108;
                                    if (_1099)
                                    {
                                        _1108 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1108 = _1099;
                                    }
                                    if (_1108)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1603);
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
                                    bool _1158 = v_1 < quads;
                                    bool _1167;
                                    if (_1158)
                                    {
                                        _1167 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _1167 = _1158;
                                    }
                                    if (_1167)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _1623);
                                    }
                                }
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_13 = x[j_2][k_2];
                                    float _1209 = rms_square(param_13);
                                    mine += _1209;
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
                            prepare(param_15, p, _227, gl_SubgroupID, gl_NumSubgroups, gl_SubgroupInvocationID, sequences, sequence0, row_sequence);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_16 = m;
                    uint param_17 = block;
                    expect(param_16, param_17, p, member, members, row_sequence, tap_bias, _1868, tap, _1906, past, _1962);
                }
                for (uint i_2 = 0u; i_2 < _1287; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1313;
                if (!more)
                {
                    _1313 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1313 = more;
                }
                uint m_next = _1313 ? m : after;
                if (more)
                {
                    _1319 = w + stride;
                }
                else
                {
                    _1319 = begin;
                }
                uint w_next = _1319;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _1364 = w_1 < end;
                        bool _1371;
                        if (_1364)
                        {
                            _1371 = m_1 < p.outs;
                        }
                        else
                        {
                            _1371 = _1364;
                        }
                        if (_1371)
                        {
                            uint param_18 = m_1;
                            uint param_19 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_18, param_19, p, _537);
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
            finish(param_31, param_32, p, sub, lanes, squares, member, members, alive, sums, row_sequence, tap_bias, _1868, tap, _1906, past, _1962, _2114, _2144, _2303);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

