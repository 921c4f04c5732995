#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Piece
{
    uint4 code;
    uint2 high;
    uint4 scale;
};

struct Scale
{
    float2 unit;
    float2 low;
};

constant uint FORMAT_tmp [[function_constant(16)]];
constant uint FORMAT = is_function_constant_defined(FORMAT_tmp) ? FORMAT_tmp : 0u;
constant bool _139 = (FORMAT == 0u);
constant bool _157 = (FORMAT == 0u);
constant bool _197 = (FORMAT == 0u);
constant bool _215 = (FORMAT == 1u);
constant bool _223 = (FORMAT == 2u);
constant bool _316 = (FORMAT == 3u);
constant bool _367 = (FORMAT == 0u);
constant bool _383 = (FORMAT == 3u);
constant bool _408 = (FORMAT == 1u);
constant bool _410 = (FORMAT == 3u);
constant float _412 = _410 ? 32.0 : 0.0;
constant float _413 = _408 ? 8.0 : _412;
constant bool _470 = (FORMAT == 0u);
constant bool _483 = (FORMAT == 2u);
constant bool _496 = (FORMAT != 4u);

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

constant bool _575 = (FORMAT == 0u);

struct Weight
{
    uint4 weight[1];
};

constant bool _606 = (FORMAT == 3u);
constant bool _683 = (FORMAT == 2u);
constant bool _701 = (FORMAT == 4u);
constant uint _756_tmp [[function_constant(0)]];
constant uint _756 = is_function_constant_defined(_756_tmp) ? _756_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_756, 1u, 1u);
constant uint _758 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _760 = (_758 / ROWS);
constant uint _768 = gl_WorkGroupSize.x;
constant uint _769 = (_768 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant bool _995 = (FORMAT == 0u);
constant int _997 = _995 ? 16 : 32;
constant uint PER_WORD = (uint(_997) + 0u);
constant uint SLOTS = (PER_WORD / 4u);
constant uint _1000 = (ROWS * SLOTS);
constant uint _1001 = (TILE / _1000);
constant uint _1158 = (OUTS * ROWS);
constant uint _1198 = gl_WorkGroupSize.x;
constant uint _1199 = (_1198 / ROWS);
constant uint _1450 = (OUTS * AHEAD);
constant uint _1612 = (PER_WORD / 16u);

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
void open_weight(thread const uint& rows, thread const uint& at, threadgroup float (&book)[16], constant Params& p, const device Weight& __restrict _587)
{
    if (_701)
    {
        if (at < 16u)
        {
            book[at] = as_type<float>(((device uint*)&_587.weight[(rows * p.pitch) + (at / 4u)])[at % 4u]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
}

static inline __attribute__((always_inline))
uint pieces(thread const uint& cols, thread const uint& pitch)
{
    if (_139)
    {
        return (cols + 15u) / 16u;
    }
    return ((cols + 63u) / 64u) * 2u;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _553)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_553.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
Piece no_piece()
{
    return Piece{ uint4(0u), uint2(0u), uint4(0u) };
}

static inline __attribute__((always_inline))
Piece piece(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _587)
{
    Piece v = no_piece();
    uint row = m * p.pitch;
    uint block = w / 8u;
    if (_575)
    {
        block = row + ((w / 16u) * 17u);
        v.code = _587.weight[(block + 1u) + (w % 16u)];
        v.scale.x = ((device uint*)&_587.weight[block])[(w / 4u) % 4u];
    }
    else
    {
        if (_606)
        {
            uint at = ((row + (block * 13u)) + (block / 8u)) + 1u;
            uint high = (at + 9u) + ((w / 2u) % 4u);
            v.code = _587.weight[(at + 1u) + (w % 8u)];
            v.high = uint2(((device uint*)&_587.weight[high])[(w % 2u) * 2u], ((device uint*)&_587.weight[high])[((w % 2u) * 2u) + 1u]);
            v.scale.x = ((device uint*)&_587.weight[at])[(w / 2u) % 4u];
            v.scale.y = ((device uint*)&_587.weight[row + ((block / 8u) * 105u)])[(block / 2u) % 4u];
        }
        else
        {
            block = row + (block * 9u);
            v.code = _587.weight[(block + 1u) + (w % 8u)];
            if (_683)
            {
                v.scale = _587.weight[block];
            }
            else
            {
                v.scale.x = ((device uint*)&_587.weight[block])[(w / 2u) % 4u];
            }
        }
    }
    return v;
}

static inline __attribute__((always_inline))
uint column(thread uint& w, thread const uint& v)
{
    if (_157)
    {
        return (w * 16u) + (v * 4u);
    }
    w += (v / 8u);
    return ((((w / 2u) * 64u) + ((w % 2u) * 16u)) + (((v % 8u) / 4u) * 32u)) + ((v % 4u) * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device From& _1781, const device Src& _1803)
{
    uint row = _1781.from[p.from_off + (t * p.from_stride)];
    float _1797;
    if (row < p.src_rows)
    {
        _1797 = _1803.src[(p.src_off + (row * p.src_stride)) + c];
    }
    else
    {
        _1797 = 0.0;
    }
    return _1797;
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1825)
{
    return _1825.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
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
    return max((_760 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _769;
    uint parts = square_parts(lanes);
    uint _820;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _820 = sub % parts;
            }
            else
            {
                _820 = 0u;
            }
            squares[(r * parts) + _820] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
Scale scale_of(thread const Piece& v, thread const uint& w)
{
    Scale s;
    s.low = float2(0.0);
    if (_197)
    {
        s.unit = float2(float2(as_type<half2>(v.scale.x >> (((w / 2u) % 2u) * 16u))).x);
    }
    else
    {
        if (_215)
        {
            s.unit = float2(as_type<half2>(v.scale.x));
        }
        else
        {
            if (_223)
            {
                uint3 b = v.scale.yzw >> uint3(((w / 2u) % 2u) * 16u);
                bool late = ((w % 8u) / 4u) == 1u;
                uint _247;
                if (late)
                {
                    _247 = (b.z & 3855u) | ((b.x >> uint(2)) & 12336u);
                }
                else
                {
                    _247 = b.x & 16191u;
                }
                uint units = _247;
                uint _268;
                if (late)
                {
                    _268 = ((b.z >> uint(4)) & 3855u) | ((b.y >> uint(2)) & 12336u);
                }
                else
                {
                    _268 = b.y & 16191u;
                }
                uint lows = _268;
                float2 d = float2(as_type<half2>(v.scale.x));
                s.unit = float2(float(units & 255u), float(units >> uint(8))) * d.x;
                s.low = float2(float(lows & 255u), float(lows >> uint(8))) * d.y;
            }
            else
            {
                if (_316)
                {
                    float d_1 = float2(as_type<half2>(v.scale.y >> (((w / 8u) % 2u) * 16u))).x;
                    int2 units_1 = int2(int(v.scale.x << (24u - ((w % 2u) * 8u))), int(v.scale.x << (8u - ((w % 2u) * 8u)))) >> int2(24);
                    s.unit = float2(units_1) * d_1;
                }
                else
                {
                    s.unit = float2(as_type<float>(v.scale.x));
                }
            }
        }
    }
    return s;
}

static inline __attribute__((always_inline))
uint codes4(thread const Piece& v, thread const uint& run, thread const uint& q)
{
    if (_367)
    {
        return v.code[q];
    }
    uint c = (v.code[q] >> (run * 4u)) & 252645135u;
    if (_383)
    {
        uint _388;
        if (run == 0u)
        {
            _388 = v.high.x;
        }
        else
        {
            _388 = v.high.y;
        }
        c |= (((_388 >> (q * 2u)) & 50529027u) << uint(4));
    }
    return c;
}

static inline __attribute__((always_inline))
float4 bytes4(thread const uint& c, thread const float& less)
{
    return as_type<float4>((uint4(c, c >> uint(8), c >> uint(16), c >> uint(24)) & uint4(255u)) | uint4(1258291200u)) - float4(8388608.0 + less);
}

static inline __attribute__((always_inline))
float excess()
{
    return _413;
}

static inline __attribute__((always_inline))
float4 weight4(thread const Piece& v, thread const Scale& s, thread const uint& run, thread const uint& q, threadgroup float (&book)[16])
{
    Piece param = v;
    uint param_1 = run;
    uint param_2 = q;
    uint c = codes4(param, param_1, param_2);
    float _449;
    if (run == 0u)
    {
        _449 = s.unit.x;
    }
    else
    {
        _449 = s.unit.y;
    }
    float unit = _449;
    float _461;
    if (run == 0u)
    {
        _461 = s.low.x;
    }
    else
    {
        _461 = s.low.y;
    }
    float low = _461;
    if (_470)
    {
        uint param_3 = c ^ 2155905152u;
        float param_4 = 128.0;
        return bytes4(param_3, param_4) * unit;
    }
    if (_483)
    {
        uint param_5 = c;
        float param_6 = 0.0;
        return (bytes4(param_5, param_6) * unit) - float4(low);
    }
    if (_496)
    {
        uint param_7 = c;
        float param_8 = excess();
        return bytes4(param_7, param_8) * unit;
    }
    return float4(book[c & 255u], book[(c >> uint(8)) & 255u], book[(c >> uint(16)) & 255u], book[c >> uint(24)]) * unit;
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
    uint _1839;
    if ((bits & 2147483648u) != 0u)
    {
        _1839 = ~bits;
    }
    else
    {
        _1839 = bits | 2147483648u;
    }
    return _1839;
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
void finish(thread const uint& m, thread const uint& block, thread bool& chosen, constant Params& p, thread uint& sub, thread uint& lanes, thread uint& lane, threadgroup float (&squares)[128], threadgroup float (&sums)[512], threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128])
{
    uint _1882;
    uint _1896;
    for (uint r = lane; r < ROWS; r += lanes)
    {
        uint i = (sub * 8u) + r;
        if (chosen)
        {
            _1882 = best_key[i];
        }
        else
        {
            _1882 = 0u;
        }
        uint key = _1882;
        if (chosen)
        {
            _1896 = best_at[i];
        }
        else
        {
            _1896 = 0u;
        }
        uint where = _1896;
        uint param = r;
        float scale = row_scale(param, p, lanes, squares);
        uint k = 0u;
        for (;;)
        {
            bool _1916 = k < OUTS;
            bool _1925;
            if (_1916)
            {
                _1925 = (m + k) < p.outs;
            }
            else
            {
                _1925 = _1916;
            }
            if (_1925)
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
void conclude(thread bool& chosen, constant Params& p, thread uint& at, thread uint& subs, thread uint3& gl_WorkGroupID, threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128], device Dst& __restrict _2049)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint r = at;
    uint t = (gl_WorkGroupID.y * ROWS) + r;
    bool _1974 = r >= ROWS;
    bool _1982;
    if (!_1974)
    {
        _1982 = t >= p.rows;
    }
    else
    {
        _1982 = _1974;
    }
    if (_1982)
    {
        return;
    }
    uint key = 0u;
    uint where = 0u;
    for (uint s = 0u; chosen && (s < subs); s++)
    {
        uint k = best_key[(s * 8u) + r];
        uint w = best_at[(s * 8u) + r];
        bool _2015 = k > key;
        bool _2026;
        if (!_2015)
        {
            _2026 = (k == key) && (w < where);
        }
        else
        {
            _2026 = _2015;
        }
        if (_2026)
        {
            key = k;
            where = w;
        }
    }
    uint i = (p.dst_off + (t * p.dst_stride)) + (2u * gl_WorkGroupID.x);
    _2049.dst[i] = key;
    _2049.dst[i + 1u] = where;
}

kernel void head_argmax_block_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2049 [[buffer(1)]], const device Src& _1803 [[buffer(2)]], const device From& _1781 [[buffer(3)]], const device Norm& _1825 [[buffer(4)]], const device Weight& __restrict _587 [[buffer(5)]], const device Live& _553 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float book[16];
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    threadgroup uint best_key[128];
    threadgroup uint best_at[128];
    threadgroup uint pair_x[1];
    threadgroup uint pair_y[1];
    bool chosen = false;
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint param = p.outs;
    uint param_1 = at;
    open_weight(param, param_1, book, p, _587);
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint param_2 = p.cols;
    uint param_3 = p.pitch;
    uint _all = pieces(param_2, param_3);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), _all);
    uint end = min((begin + span), _all);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _1001 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _553);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _1035;
    if ((first + sub) < last)
    {
        _1035 = (first + sub) * OUTS;
    }
    else
    {
        _1035 = p.outs;
    }
    uint m = _1035;
    Piece next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_piece();
            bool _1085 = w_ < end;
            bool _1092;
            if (_1085)
            {
                _1092 = m_ < p.outs;
            }
            else
            {
                _1092 = _1085;
            }
            if (_1092)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = piece(param_4, param_5, p, _587);
            }
        }
    }
    uint _1127;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    Piece now[8];
    uint _1482;
    Scale scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _1127 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _1127 = p.outs;
        }
        uint after = _1127;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _1158; i_1++)
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
                        uint team = _1199;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _1215 = min(words, (end - w)) * SLOTS;
                        uint _1219 = at % team;
                        uint quads = _1215;
                        uint v0 = _1219;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint _1243 = column(param_6, param_7);
                                uint c = _1243;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _1260 = v < quads;
                                    bool _1267;
                                    if (_1260)
                                    {
                                        _1267 = t < p.rows;
                                    }
                                    else
                                    {
                                        _1267 = _1260;
                                    }
                                    bool _1276;
                                    if (_1267)
                                    {
                                        _1276 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _1276 = _1267;
                                    }
                                    if (_1276)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1781, _1803);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint param_10 = w;
                                uint param_11 = v_1;
                                uint _1312 = column(param_10, param_11);
                                uint c_1 = _1312;
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _1326 = v_1 < quads;
                                    bool _1335;
                                    if (_1326)
                                    {
                                        _1335 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _1335 = _1326;
                                    }
                                    if (_1335)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _1825);
                                    }
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                uint param_13 = block;
                                prepare(param_13);
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_14 = x[j_2][k_2];
                                    float _1388 = rms_square(param_14);
                                    mine += _1388;
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
                            float param_15 = mine;
                            put_squares(param_15, sub, lanes, at, lane, squares);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                for (uint i_2 = 0u; i_2 < _1450; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _1476;
                if (!more)
                {
                    _1476 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _1476 = more;
                }
                uint m_next = _1476 ? m : after;
                if (more)
                {
                    _1482 = w + stride;
                }
                else
                {
                    _1482 = begin;
                }
                uint w_next = _1482;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_piece();
                        bool _1527 = w_1 < end;
                        bool _1534;
                        if (_1527)
                        {
                            _1534 = m_1 < p.outs;
                        }
                        else
                        {
                            _1534 = _1527;
                        }
                        if (_1534)
                        {
                            uint param_16 = m_1;
                            uint param_17 = w_1;
                            next[(i_3 * AHEAD) + u_1] = piece(param_16, param_17, p, _587);
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
                            Piece param_18 = now[(i_4 * AHEAD) + u_2];
                            uint param_19 = wu;
                            scale[i_4] = scale_of(param_18, param_19);
                        }
                        for (uint run = 0u; run < _1612; run++)
                        {
                            for (uint q = 0u; q < 4u; q++)
                            {
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    Piece param_20 = now[(i_5 * AHEAD) + u_2];
                                    Scale param_21 = scale[i_5];
                                    uint param_22 = run;
                                    uint param_23 = q;
                                    y[i_5] = weight4(param_20, param_21, param_22, param_23, book);
                                }
                                for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                                {
                                    float4 x_1 = tile[(((((r_1 * SLOTS) + (run * 4u)) + q) * words) + from) + (u_2 * lanes)];
                                    for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                    {
                                        float4 param_24 = y[i_6];
                                        float4 param_25 = x_1;
                                        float param_26 = acc[(i_6 * ROWS) + r_1];
                                        acc[(i_6 * ROWS) + r_1] = dot_add(param_24, param_25, param_26);
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
                        int param_27 = int(r_2);
                        uint param_28 = i_7;
                        sums[sum_at(param_27, param_28, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_29 = m;
            uint param_30 = block;
            finish(param_29, param_30, chosen, p, sub, lanes, lane, squares, sums, best_key, best_at);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude(chosen, p, at, subs, gl_WorkGroupID, best_key, best_at, _2049);
}

