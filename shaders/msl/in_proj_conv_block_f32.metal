#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Chunk
{
    uint4 code;
    uint2 high;
    uint4 scales;
};

struct Scales
{
    float2 scales;
    float2 mins;
};

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

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _196 = (FORMAT == 0u);
constant bool _214 = (FORMAT == 0u);
constant bool _254 = (FORMAT == 0u);
constant bool _272 = (FORMAT == 1u);
constant bool _280 = (FORMAT == 2u);
constant bool _373 = (FORMAT == 3u);
constant bool _424 = (FORMAT == 0u);
constant bool _440 = (FORMAT == 3u);
constant bool _465 = (FORMAT == 1u);
constant bool _467 = (FORMAT == 3u);
constant float _469 = _467 ? 32.0 : 0.0;
constant float _470 = _465 ? 8.0 : _469;
constant bool _527 = (FORMAT == 0u);
constant bool _540 = (FORMAT == 2u);
constant bool _553 = (FORMAT != 4u);

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

constant bool _912 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _943 = (FORMAT == 3u);
constant bool _1020 = (FORMAT == 2u);
constant bool _1038 = (FORMAT == 4u);
constant uint _1093_tmp [[function_constant(0)]];
constant uint _1093 = is_function_constant_defined(_1093_tmp) ? _1093_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_1093, 1u, 1u);
constant uint _1095 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _1097 = (_1095 / ROWS);
constant uint _1105 = gl_WorkGroupSize.x;
constant uint _1106 = (_1105 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant bool _1337 = (FORMAT == 0u);
constant int _1339 = _1337 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_1339) + 0u);
constant uint SLOTS = (CHUNK_SIZE / 4u);
constant uint _1342 = (ROWS * SLOTS);
constant uint _1343 = (TILE / _1342);
constant uint _1500 = (OUTS * ROWS);
constant uint _1540 = gl_WorkGroupSize.x;
constant uint _1541 = (_1540 / ROWS);
constant uint _1797 = (OUTS * AHEAD);
constant uint _1959 = (CHUNK_SIZE / 16u);

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

constant uint _2190 = (1u << ROWS);
constant uint _2191 = (_2190 - 1u);
constant uint _2325 = (ROWS - 1u);
constant uint _2345 = (OUTS * ROWS);

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

constant uint _3007 = (3u * OUTS);
constant uint _3023 = (3u * OUTS);
constant int _3029 = int(ROWS + 0u);
constant uint _3040 = (3u * OUTS);

struct Squares
{
    float squares_of[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _600)
{
    return min(p.batch_records, uint(max(_600.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _600)
{
    return uint(_600.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _600)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _600), batch_word(param_2, param_3, p, _600), batch_word(param_4, param_5, p, _600), batch_word(param_6, param_7, p, _600) };
    bool _651 = s.from >= slots;
    bool _659;
    if (!_651)
    {
        _659 = s.to >= slots;
    }
    else
    {
        _659 = _651;
    }
    bool _668;
    if (!_659)
    {
        _668 = s.rows > rows;
    }
    else
    {
        _668 = _659;
    }
    bool _679;
    if (!_668)
    {
        _679 = s.first > (rows - s.rows);
    }
    else
    {
        _679 = _668;
    }
    if (_679)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
Sequence record(thread const uint& q, constant Params& p, const device Batch& _600)
{
    uint param = min(q, (p.batch_records - 1u));
    uint param_1 = p.rows;
    uint param_2 = p.slots;
    return batch_sequence(param, param_1, param_2, p, _600);
}

static inline __attribute__((always_inline))
void fetch_sequences(constant Params& p, const device Batch& _600, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0)
{
    sequences = batch_seqs(p, _600);
    uint param = gl_SubgroupInvocationID;
    sequence0 = record(param, p, _600);
}

static inline __attribute__((always_inline))
void start(constant Params& p, const device Batch& _600, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0)
{
    fetch_sequences(p, _600, gl_SubgroupInvocationID, sequences, sequence0);
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _924)
{
    if (_1038)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_924.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_196)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Batch& _600)
{
    return min(p.rows, uint(max(_600.batch[p.batch_off + 0u], 0)));
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _924)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_912)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _924.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_924.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_943)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _924.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_924.weight[high])[(w % 2u) * 2u], ((device uint*)&_924.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_924.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_924.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _924.weight[(block + 1u) + (w % 8u)];
            if (_1020)
            {
                chunk.scales = _924.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_924.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_214)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _2127)
{
    return _2127.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _2147)
{
    return _2147.norm[p.norm_off + c];
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
    return max((_1097 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _1106;
    uint parts = square_parts(lanes);
    uint _1157;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _1157 = sub % parts;
            }
            else
            {
                _1157 = 0u;
            }
            squares[(r * parts) + _1157] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void find_sequences(thread const uint& first, constant Params& p, const device Batch& _600, thread uint& gl_SubgroupID, thread uint& gl_NumSubgroups, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
{
    if (gl_SubgroupID != 0u)
    {
        return;
    }
    uint lanes_ = gl_WorkGroupSize.x / gl_NumSubgroups;
    uint none = _2191;
    for (uint q0 = 0u; q0 < p.batch_records; q0 += lanes_)
    {
        uint q = q0 + gl_SubgroupInvocationID;
        uint mine = 0u;
        Sequence s = sequence0;
        if (q0 > 0u)
        {
            uint param = q;
            s = record(param, p, _600);
        }
        for (uint r = 0u; r < ROWS; r++)
        {
            bool _2226 = q < sequences;
            bool _2238;
            if (_2226)
            {
                _2238 = ((first + r) - s.first) < s.rows;
            }
            else
            {
                _2238 = _2226;
            }
            if (_2238)
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
void prepare(thread const uint& block, constant Params& p, const device Batch& _600, thread uint& gl_SubgroupID, thread uint& gl_NumSubgroups, thread uint& gl_SubgroupInvocationID, thread uint& sequences, thread Sequence& sequence0, threadgroup RowSequence (&row_sequence)[8])
{
    uint param = block * ROWS;
    find_sequences(param, p, _600, gl_SubgroupID, gl_NumSubgroups, gl_SubgroupInvocationID, sequences, sequence0, row_sequence);
}

static inline __attribute__((always_inline))
void look(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2391, thread float (&tap)[4], const device Conv& _2429, thread float (&past)[3], device State& __restrict _2484)
{
    uint held = p.taps - 1u;
    for (uint u = 0u; u < 1u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = min((e / OUTS), _2325);
        uint t = (block * ROWS) + r;
        uint ch = (p.first + m) + k;
        RowSequence s = row_sequence[r];
        bool _2346 = e < _2345;
        bool _2355;
        if (_2346)
        {
            _2355 = (m + k) < p.outs;
        }
        else
        {
            _2355 = _2346;
        }
        bool _2362;
        if (_2355)
        {
            _2362 = ch < p.channels;
        }
        else
        {
            _2362 = _2355;
        }
        bool _2369;
        if (_2362)
        {
            _2369 = t < s.end;
        }
        else
        {
            _2369 = _2362;
        }
        bool some = _2369;
        tap_bias[u] = 0.0;
        bool _2384;
        if (some)
        {
            _2384 = p.conv_bias_off != 4294967295u;
        }
        else
        {
            _2384 = some;
        }
        if (_2384)
        {
            tap_bias[u] = _2391.conv_bias[p.conv_bias_off + ch];
        }
        for (uint j = 0u; j <= 3u; j++)
        {
            tap[(u * 4u) + j] = 0.0;
            if (some && (j <= held))
            {
                tap[(u * 4u) + j] = _2429.conv[(p.conv_off + (ch * p.conv_stride)) + j];
            }
        }
        for (uint i = 0u; i < 3u; i++)
        {
            past[(u * 3u) + i] = 0.0;
            bool _2465 = some && (i < held);
            bool _2474;
            if (_2465)
            {
                _2474 = (t - s.first) < held;
            }
            else
            {
                _2474 = _2465;
            }
            if (_2474)
            {
                past[(u * 3u) + i] = _2484.state[((p.state_off + (s.from * p.state_stride)) + (ch * held)) + i];
            }
        }
    }
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block, constant Params& p, thread uint& member, thread uint& members, threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2391, thread float (&tap)[4], const device Conv& _2429, thread float (&past)[3], device State& __restrict _2484)
{
    uint param = m;
    uint param_1 = block;
    uint param_2 = member;
    look(param, param_1, param_2, p, members, row_sequence, tap_bias, _2391, tap, _2429, past, _2484);
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_254)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_272)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_280)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _304;
                if (late)
                {
                    _304 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _304 = b.x & 16191u;
                }
                uint scales = _304;
                uint _325;
                if (late)
                {
                    _325 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _325 = b.y & 16191u;
                }
                uint mins = _325;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_373)
                {
                    float d_1 = float2(as_type<half2>(chunk.scales.y >> (((w / 8u) % 2u) * 16u))).x;
                    int2 scales_1 = int2(int(chunk.scales.x << (24u - ((w % 2u) * 8u))), int(chunk.scales.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
                    s.scales = float2(scales_1) * d_1;
                }
                else
                {
                    s.scales = float2(as_type<float>(chunk.scales.x));
                }
            }
        }
    }
    return s;
}

static inline __attribute__((always_inline))
uint codes4(thread const Chunk& chunk, thread const uint& run, thread const uint& q)
{
    if (_424)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_440)
    {
        uint _445;
        if (run == 0u)
        {
            _445 = chunk.high.x;
        }
        else
        {
            _445 = chunk.high.y;
        }
        c |= (((_445 >> (q * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& less)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + less);
}

static inline __attribute__((always_inline))
float zero_point()
{
    return _470;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _506;
    if (run == 0u)
    {
        _506 = s.scales.x;
    }
    else
    {
        _506 = s.scales.y;
    }
    float scale = _506;
    float _518;
    if (run == 0u)
    {
        _518 = s.mins.x;
    }
    else
    {
        _518 = s.mins.y;
    }
    float min_ = _518;
    if (_527)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_540)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_553)
    {
        uint param_7 = c;
        float param_8 = zero_point();
        return bytes4(param_7, param_8) * scale;
    }
    return float4(codebook[c & 255u], codebook[(c >> uint(8)) & 255u], codebook[(c >> uint(16)) & 255u], codebook[c >> uint(24)]) * scale;
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
    float _744;
    if (x < 0.0)
    {
        _744 = tail;
    }
    else
    {
        _744 = 1.0 - tail;
    }
    return _744;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, threadgroup float (&squares)[128], thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[704], threadgroup RowSequence (&row_sequence)[8], thread float (&tap_bias)[1], const device ConvBias& _2391, thread float (&tap)[4], const device Conv& _2429, thread float (&past)[3], device State& __restrict _2484, const device Bias& _2636, device Z& __restrict _2666, device Dst& __restrict _2824)
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
            x += _2636.bias0[p.bias_off + ch];
        }
        int param_3 = int(r);
        uint param_4 = k;
        sums[sum_at(param_3, param_4, sub)] = x;
        if ((ch >= p.channels) && (t < alive))
        {
            _2666.z[((p.z_off + (t * p.z_stride)) + ch) - p.channels] = x;
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
            look(param_5, param_6, param_7, p, members, row_sequence, tap_bias, _2391, tap, _2429, past, _2484);
        }
        for (uint u = 0u; u < 1u; u++)
        {
            uint e_1 = e0 + (u * members);
            uint k_1 = e_1 % OUTS;
            uint r_1 = e_1 / OUTS;
            uint t_1 = (block * ROWS) + r_1;
            uint ch_1 = (p.first + m) + k_1;
            bool _2738 = e_1 >= count;
            bool _2748;
            if (!_2738)
            {
                _2748 = (m + k_1) >= p.outs;
            }
            else
            {
                _2748 = _2738;
            }
            bool _2756;
            if (!_2748)
            {
                _2756 = ch_1 >= p.channels;
            }
            else
            {
                _2756 = _2748;
            }
            if (_2756 || (t_1 >= alive))
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
            _2824.dst[(p.dst_off + (t_1 * p.dst_stride)) + ch_1] = activate(param_14, param_15);
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
            look(param_16, param_17, param_18, p, members, row_sequence, tap_bias, _2391, tap, _2429, past, _2484);
        }
        for (uint u_1 = 0u; u_1 < 1u; u_1++)
        {
            uint e_2 = e0_1 + (u_1 * members);
            uint k_2 = e_2 % OUTS;
            uint r_2 = e_2 / OUTS;
            uint t_2 = (block * ROWS) + r_2;
            uint ch_2 = (p.first + m) + k_2;
            bool _2902 = e_2 >= count;
            bool _2912;
            if (!_2902)
            {
                _2912 = (m + k_2) >= p.outs;
            }
            else
            {
                _2912 = _2902;
            }
            bool _2920;
            if (!_2912)
            {
                _2920 = ch_2 >= p.channels;
            }
            else
            {
                _2920 = _2912;
            }
            if (_2920 || (t_2 >= alive))
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
                    _2484.state[((p.state_off + (s_1.to * p.state_stride)) + (ch_2 * held)) + j_1] = window(param_19, param_20, param_21, param_22, param_23, param_24, sub, sums, past);
                }
            }
        }
    }
    if (p.rows <= ROWS)
    {
        return;
    }
    float _3025;
    for (uint e0_2 = 0u; e0_2 < _3007; e0_2 += members)
    {
        uint e_3 = e0_2 + member;
        uint k_3 = e_3 % OUTS;
        int r_3 = int(e_3 / OUTS) - 3;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _3023)
        {
            int param_25 = r_3 + _3029;
            uint param_26 = k_3;
            _3025 = sums[sum_at(param_25, param_26, sub)];
        }
        else
        {
            _3025 = 0.0;
        }
        float x_1 = _3025;
        simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        if (e_3 < _3040)
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

kernel void in_proj_conv_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2824 [[buffer(1)]], device Z& __restrict _2666 [[buffer(2)]], const device Src& _2127 [[buffer(3)]], const device Norm& _2147 [[buffer(4)]], const device Weight& __restrict _924 [[buffer(5)]], const device Bias& _2636 [[buffer(6)]], const device Conv& _2429 [[buffer(7)]], const device ConvBias& _2391 [[buffer(8)]], device State& __restrict _2484 [[buffer(9)]], const device Batch& _600 [[buffer(10)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float codebook[16];
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
    start(p, _600, gl_SubgroupInvocationID, sequences, sequence0);
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1, codebook, p, _924);
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
    uint held = _1343 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _600);
    uint blocks = 1u;
    float tap_bias[1];
    float tap[4];
    float past[3];
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _1377;
    if ((first + sub) < last)
    {
        _1377 = (first + sub) * OUTS;
    }
    else
    {
        _1377 = p.outs;
    }
    uint m = _1377;
    Chunk next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _1427 = w_ < end;
            bool _1434;
            if (_1427)
            {
                _1434 = m_ < p.outs;
            }
            else
            {
                _1434 = _1427;
            }
            if (_1434)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _924);
            }
        }
    }
    uint _1469;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    Chunk now[8];
    uint _1829;
    Scales scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _1469 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _1469 = p.outs;
        }
        uint after = _1469;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _1500; i_1++)
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
                        uint team = _1541;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1557 = min(words, (end - w)) * SLOTS;
                        uint _1561 = at % team;
                        uint quads = _1557;
                        uint v0 = _1561;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint _1585 = column(param_6, param_7);
                                uint c = _1585;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _1602 = v < quads;
                                    bool _1609;
                                    if (_1602)
                                    {
                                        _1609 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1609 = _1602;
                                    }
                                    bool _1618;
                                    if (_1609)
                                    {
                                        _1618 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1618 = _1609;
                                    }
                                    if (_1618)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _2127);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint param_10 = w;
                                uint param_11 = v_1;
                                uint _1654 = column(param_10, param_11);
                                uint c_1 = _1654;
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _1668 = v_1 < quads;
                                    bool _1677;
                                    if (_1668)
                                    {
                                        _1677 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _1677 = _1668;
                                    }
                                    if (_1677)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _2147);
                                    }
                                }
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_13 = x[j_2][k_2];
                                    float _1719 = rms_square(param_13);
                                    mine += _1719;
                                }
                                x[j_2] *= gain[j_2];
                                if (v_2 < quads)
                                {
                                    tile[(((r * SLOTS) + (v_2 % SLOTS)) * words) + (v_2 / SLOTS)] = x[j_2];
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
                            prepare(param_15, p, _600, gl_SubgroupID, gl_NumSubgroups, gl_SubgroupInvocationID, sequences, sequence0, row_sequence);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_16 = m;
                    uint param_17 = block;
                    expect(param_16, param_17, p, member, members, row_sequence, tap_bias, _2391, tap, _2429, past, _2484);
                }
                for (uint i_2 = 0u; i_2 < _1797; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1823;
                if (!more)
                {
                    _1823 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1823 = more;
                }
                uint m_next = _1823 ? m : after;
                if (more)
                {
                    _1829 = w + stride;
                }
                else
                {
                    _1829 = begin;
                }
                uint w_next = _1829;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _1874 = w_1 < end;
                        bool _1881;
                        if (_1874)
                        {
                            _1881 = m_1 < p.outs;
                        }
                        else
                        {
                            _1881 = _1874;
                        }
                        if (_1881)
                        {
                            uint param_18 = m_1;
                            uint param_19 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_18, param_19, p, _924);
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
                            Chunk param_20 = now[(i_4 * AHEAD) + u_2];
                            uint param_21 = wu;
                            scale[i_4] = scales_of(param_20, param_21);
                        }
                        for (uint run = 0u; run < _1959; run++)
                        {
                            for (uint q = 0u; q < 4u; q++)
                            {
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    Chunk param_22 = now[(i_5 * AHEAD) + u_2];
                                    Scales param_23 = scale[i_5];
                                    uint param_24 = run;
                                    uint param_25 = q;
                                    y[i_5] = weight4(param_22, param_23, param_24, param_25, codebook);
                                }
                                for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                                {
                                    float4 x_1 = tile[(((((r_1 * SLOTS) + (run * 4u)) + q) * words) + from) + (u_2 * lanes)];
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
            finish(param_31, param_32, p, sub, lanes, squares, member, members, alive, sums, row_sequence, tap_bias, _2391, tap, _2429, past, _2484, _2636, _2666, _2824);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

