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

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _147 = (FORMAT == 0u);
constant bool _165 = (FORMAT == 0u);
constant bool _205 = (FORMAT == 0u);
constant bool _223 = (FORMAT == 1u);
constant bool _231 = (FORMAT == 2u);
constant bool _324 = (FORMAT == 3u);
constant bool _375 = (FORMAT == 0u);
constant bool _391 = (FORMAT == 3u);
constant bool _416 = (FORMAT == 1u);
constant bool _418 = (FORMAT == 3u);
constant float _420 = _418 ? 32.0 : 0.0;
constant float _421 = _416 ? 8.0 : _420;
constant bool _478 = (FORMAT == 0u);
constant bool _491 = (FORMAT == 2u);
constant bool _504 = (FORMAT != 4u);

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint first;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint src_rows;
    uint from_off;
    uint from_stride;
    uint norm_off;
    float eps;
    uint pitch;
    uint live_off;
};

struct Live
{
    int live[1];
};

constant bool _583 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _614 = (FORMAT == 3u);
constant bool _691 = (FORMAT == 2u);
constant bool _709 = (FORMAT == 4u);
constant uint _763_tmp [[function_constant(0)]];
constant uint _763 = is_function_constant_defined(_763_tmp) ? _763_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_763, 1u, 1u);
constant uint _765 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _767 = (_765 / ROWS);
constant uint _775 = gl_WorkGroupSize.x;
constant uint _776 = (_775 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant bool _1007 = (FORMAT == 0u);
constant int _1009 = _1007 ? 16 : 32;
constant uint CHUNK_SIZE = (uint(_1009) + 0u);
constant uint SLOTS = (CHUNK_SIZE / 4u);
constant uint _1012 = (ROWS * SLOTS);
constant uint _1013 = (TILE / _1012);
constant uint _1170 = (OUTS * ROWS);
constant uint _1210 = gl_WorkGroupSize.x;
constant uint _1211 = (_1210 / ROWS);
constant uint _1467 = (OUTS * AHEAD);
constant uint _1629 = (CHUNK_SIZE / 16u);

struct From
{
    uint from[1];
};

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

struct Dst
{
    uint dst[1];
};

static inline __attribute__((always_inline))
void start()
{
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at, threadgroup float (&codebook)[16], constant Params& p, const device Weight& __restrict _595)
{
    if (_709)
    {
        if (at < 16u)
        {
            codebook[at] = as_type<float>(((device uint*)&_595.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    if (_147)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _561)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_561.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
Chunk no_chunk()
{
    return Chunk{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Chunk load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _595)
{
    Chunk chunk = no_chunk();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_583)
    {
        block = row + ((w / 16u) * 17u);
        chunk.code = _595.weight[(block + 1u) + (w % 16u)];
        chunk.scales.x = ((device uint*)&_595.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_614)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            chunk.code = _595.weight[(at + 1u) + (w % 8u)];
            chunk.high = uint2(((device uint*)&_595.weight[high])[(w % 2u) * 2u], ((device uint*)&_595.weight[high])[((w % 2u) * 2u) + 1u]);
            chunk.scales.x = ((device uint*)&_595.weight[at])[(w / 2u) % 4u];
            chunk.scales.y = ((device uint*)&_595.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            chunk.code = _595.weight[(block + 1u) + (w % 8u)];
            if (_691)
            {
                chunk.scales = _595.weight[block];
            }
            else
            {
                chunk.scales.x = ((device uint*)&_595.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return chunk;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_165)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device From& _1798, const device Src& _1820)
{
    uint row = _1798.from[p.from_off + (t * p.from_stride)];
    float _1814;
    if (row < p.src_rows)
    {
        _1814 = _1820.src[(p.src_off + (row * p.src_stride)) + c];
    }
    else
    {
        _1814 = 0.0;
    }
    return _1814;
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1842)
{
    return _1842.norm[p.norm_off + c];
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
    return max((_767 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _776;
    uint parts = square_parts(lanes);
    uint _827;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _827 = sub % parts;
            }
            else
            {
                _827 = 0u;
            }
            squares[(r * parts) + _827] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block)
{
}

static inline __attribute__((always_inline))
Scales scales_of(thread const Chunk& chunk, thread const uint& w)
{
    Scales s;
    s.mins = float2(0.0);
    if (_205)
    {
        s.scales = float2(float2(as_type<half2>(chunk.scales.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_223)
        {
            s.scales = float2(as_type<half2>(chunk.scales.x));
        }
        else
        {
            if (_231)
            {
                uint3 b = chunk.scales.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _255;
                if (late)
                {
                    _255 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _255 = b.x & 16191u;
                }
                uint scales = _255;
                uint _276;
                if (late)
                {
                    _276 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _276 = b.y & 16191u;
                }
                uint mins = _276;
                float2 d = float2(as_type<half2>(chunk.scales.x));
                s.scales = float2(float(scales & 255u), float(scales >> uint(8))) * d.x;
                s.mins = float2(float(mins & 255u), float(mins >> uint(8))) * d.y;
            }
            else
            {
                if (_324)
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
    if (_375)
    {
        return chunk.code[q];
    }
    uint c = (chunk.code[q] >> (run * 4u)) & 252645135u;
    if (_391)
    {
        uint _396;
        if (run == 0u)
        {
            _396 = chunk.high.x;
        }
        else
        {
            _396 = chunk.high.y;
        }
        c |= (((_396 >> (q * 2u)) & 50529027u) << uint(4));
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
    return _421;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Chunk& chunk, thread const Scales& s, thread const uint& run, thread const uint& q, threadgroup float (&codebook)[16])
{
    Chunk param = chunk;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _457;
    if (run == 0u)
    {
        _457 = s.scales.x;
    }
    else
    {
        _457 = s.scales.y;
    }
    float scale = _457;
    float _469;
    if (run == 0u)
    {
        _469 = s.mins.x;
    }
    else
    {
        _469 = s.mins.y;
    }
    float min_ = _469;
    if (_478)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * scale;
    }
    if (_491)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * scale) - float4(min_);
    }
    if (_504)
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
    return (((sub * 8u) + uint(0 + r)) * 4u) + i;
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
uint ordered(thread const uint& bits)
{
    uint _1856;
    if ((bits & 2147483648u) != 0u)
    {
        _1856 = ~bits;
    }
    else
    {
        _1856 = bits | 2147483648u;
    }
    return _1856;
}

static inline __attribute__((always_inline))
uint number_key(thread const uint& bits)
{
    if ((bits & 2147483647u) > 2139095040u)
    {
        return 0u;
    }
    uint param = (bits == 2147483648u) ? 0u : bits;
    return ordered(param);
}

static inline __attribute__((always_inline))
void finish(thread uint& m, thread const uint& block, thread uint& part, thread bool& chosen, constant Params& p, thread uint& sub, thread uint& lanes, thread uint& lane, threadgroup float (&squares)[128], threadgroup float (&sums)[512], threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128])
{
    if (part > 0u)
    {
        m = p.outs;
    }
    uint _1905;
    uint _1919;
    for (uint r = lane; r < ROWS; r += lanes)
    {
        uint i = (sub * 8u) + r;
        if (chosen)
        {
            _1905 = best_key[i];
        }
        else
        {
            _1905 = 0u;
        }
        uint key = _1905;
        if (chosen)
        {
            _1919 = best_at[i];
        }
        else
        {
            _1919 = 0u;
        }
        uint where = _1919;
        uint param = r;
        float scale = row_scale(param, p, lanes, squares);
        uint k = 0u;
        for (;;)
        {
            bool _1939 = k < OUTS;
            bool _1948;
            if (_1939)
            {
                _1948 = (m + k) < p.outs;
            }
            else
            {
                _1948 = _1939;
            }
            if (_1948)
            {
                int param_1 = int(r);
                uint param_2 = k;
                uint param_3 = as_type<uint>(sums[sum_at(param_1, param_2, sub)] * scale);
                uint other = number_key(param_3);
                if (other > key)
                {
                    key = other;
                    where = (p.first + m) + k;
                }
                k++;
                continue;
            }
            else
            {
                break;
            }
        }
        best_key[i] = key;
        best_at[i] = where;
    }
    chosen = true;
}

static inline __attribute__((always_inline))
void conclude(thread bool& chosen, constant Params& p, thread uint& at, thread uint& subs, thread uint3& gl_WorkGroupID, threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128], device Dst& __restrict _2072)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint r = at;
    uint t = (gl_WorkGroupID.y * ROWS) + r;
    bool _1997 = r >= ROWS;
    bool _2005;
    if (!_1997)
    {
        _2005 = t >= p.rows;
    }
    else
    {
        _2005 = _1997;
    }
    if (_2005)
    {
        return;
    }
    uint key = 0u;
    uint where = 0u;
    for (uint s = 0u; chosen && (s < subs); s++)
    {
        uint k = best_key[(s * 8u) + r];
        uint w = best_at[(s * 8u) + r];
        bool _2038 = k > key;
        bool _2049;
        if (!_2038)
        {
            _2049 = (k == key) && (w < where);
        }
        else
        {
            _2049 = _2038;
        }
        if (_2049)
        {
            key = k;
            where = w;
        }
    }
    uint i = (p.dst_off + (t * p.dst_stride)) + (2u * gl_WorkGroupID.x);
    _2072.dst[i] = key;
    _2072.dst[i + 1u] = where;
}

kernel void head_argmax_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2072 [[buffer(1)]], const device Src& _1820 [[buffer(2)]], const device From& _1798 [[buffer(3)]], const device Norm& _1842 [[buffer(4)]], const device Weight& __restrict _595 [[buffer(5)]], const device Live& _561 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float codebook[16];
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    threadgroup uint best_key[128];
    threadgroup uint best_at[128];
    threadgroup uint pair_x[1];
    threadgroup uint pair_y[1];
    uint part = 0u;
    bool chosen = false;
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint member = lane;
    uint members = lanes;
    start();
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1, codebook, p, _595);
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
    uint held = _1013 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _561);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _1047;
    if ((first + sub) < last)
    {
        _1047 = (first + sub) * OUTS;
    }
    else
    {
        _1047 = p.outs;
    }
    uint m = _1047;
    Chunk next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _1097 = w_ < end;
            bool _1104;
            if (_1097)
            {
                _1104 = m_ < p.outs;
            }
            else
            {
                _1104 = _1097;
            }
            if (_1104)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _595);
            }
        }
    }
    uint _1139;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    Chunk now[8];
    uint _1499;
    Scales scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _1139 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _1139 = p.outs;
        }
        uint after = _1139;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _1170; i_1++)
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
                        uint team = _1211;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1227 = min(words, (end - w)) * SLOTS;
                        uint _1231 = at % team;
                        uint quads = _1227;
                        uint v0 = _1231;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint _1255 = column(param_6, param_7);
                                uint c = _1255;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _1272 = v < quads;
                                    bool _1279;
                                    if (_1272)
                                    {
                                        _1279 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1279 = _1272;
                                    }
                                    bool _1288;
                                    if (_1279)
                                    {
                                        _1288 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1288 = _1279;
                                    }
                                    if (_1288)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1798, _1820);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint param_10 = w;
                                uint param_11 = v_1;
                                uint _1324 = column(param_10, param_11);
                                uint c_1 = _1324;
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _1338 = v_1 < quads;
                                    bool _1347;
                                    if (_1338)
                                    {
                                        _1347 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _1347 = _1338;
                                    }
                                    if (_1347)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _1842);
                                    }
                                }
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_13 = x[j_2][k_2];
                                    float _1389 = rms_square(param_13);
                                    mine += _1389;
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
                            prepare(param_15);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_16 = m;
                    uint param_17 = block;
                    expect(param_16, param_17);
                }
                for (uint i_2 = 0u; i_2 < _1467; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1493;
                if (!more)
                {
                    _1493 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1493 = more;
                }
                uint m_next = _1493 ? m : after;
                if (more)
                {
                    _1499 = w + stride;
                }
                else
                {
                    _1499 = begin;
                }
                uint w_next = _1499;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _1544 = w_1 < end;
                        bool _1551;
                        if (_1544)
                        {
                            _1551 = m_1 < p.outs;
                        }
                        else
                        {
                            _1551 = _1544;
                        }
                        if (_1551)
                        {
                            uint param_18 = m_1;
                            uint param_19 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_18, param_19, p, _595);
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
                        for (uint run = 0u; run < _1629; run++)
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
            finish(param_31, param_32, part, chosen, p, sub, lanes, lane, squares, sums, best_key, best_at);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude(chosen, p, at, subs, gl_WorkGroupID, best_key, best_at, _2072);
}

