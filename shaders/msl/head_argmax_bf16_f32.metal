#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

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

struct Weight
{
    uint4 weight[1];
};

constant uint _244_tmp [[function_constant(0)]];
constant uint _244 = is_function_constant_defined(_244_tmp) ? _244_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_244, 1u, 1u);
constant uint _247 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _249 = (_247 / ROWS);
constant uint _257 = gl_WorkGroupSize.x;
constant uint _258 = (_257 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _490 = (ROWS * 2u);
constant uint _491 = (TILE / _490);
constant uint _649 = (OUTS * ROWS);
constant uint _691 = gl_WorkGroupSize.x;
constant uint _692 = (_691 / ROWS);
constant uint _943 = (OUTS * AHEAD);

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
void open_weight(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint pieces(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _184)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_184.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint4 no_piece()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 piece(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _198)
{
    return _198.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device From& _1260, const device Src& _1284)
{
    uint row = _1260.from[p.from_off + (t * p.from_stride)];
    float _1278;
    if (row < p.src_rows)
    {
        _1278 = _1284.src[(p.src_off + (row * p.src_stride)) + c];
    }
    else
    {
        _1278 = 0.0;
    }
    return _1278;
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1306)
{
    return _1306.norm[p.norm_off + c];
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
    return max((_249 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _258;
    uint parts = square_parts(lanes);
    uint _311;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _311 = sub % parts;
            }
            else
            {
                _311 = 0u;
            }
            squares[(r * parts) + _311] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
uint scale_of(thread const uint4& v, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& v, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _136;
    if (q == 0u)
    {
        _136 = v.xy;
    }
    else
    {
        _136 = v.zw;
    }
    uint2 h = _136;
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
    uint _1320;
    if ((bits & 2147483648u) != 0u)
    {
        _1320 = ~bits;
    }
    else
    {
        _1320 = bits | 2147483648u;
    }
    return _1320;
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
    uint _1363;
    uint _1377;
    for (uint r = lane; r < ROWS; r += lanes)
    {
        uint i = (sub * 8u) + r;
        if (chosen)
        {
            _1363 = best_key[i];
        }
        else
        {
            _1363 = 0u;
        }
        uint key = _1363;
        if (chosen)
        {
            _1377 = best_at[i];
        }
        else
        {
            _1377 = 0u;
        }
        uint where = _1377;
        uint param = r;
        float scale = row_scale(param, p, lanes, squares);
        uint k = 0u;
        for (;;)
        {
            bool _1397 = k < OUTS;
            bool _1406;
            if (_1397)
            {
                _1406 = (m + k) < p.outs;
            }
            else
            {
                _1406 = _1397;
            }
            if (_1406)
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
void conclude(thread bool& chosen, constant Params& p, thread uint& at, thread uint& subs, thread uint3& gl_WorkGroupID, threadgroup uint (&best_key)[128], threadgroup uint (&best_at)[128], device Dst& __restrict _1531)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint r = at;
    uint t = (gl_WorkGroupID.y * ROWS) + r;
    bool _1455 = r >= ROWS;
    bool _1463;
    if (!_1455)
    {
        _1463 = t >= p.rows;
    }
    else
    {
        _1463 = _1455;
    }
    if (_1463)
    {
        return;
    }
    uint key = 0u;
    uint where = 0u;
    for (uint s = 0u; chosen && (s < subs); s++)
    {
        uint k = best_key[(s * 8u) + r];
        uint w = best_at[(s * 8u) + r];
        bool _1496 = k > key;
        bool _1507;
        if (!_1496)
        {
            _1507 = (k == key) && (w < where);
        }
        else
        {
            _1507 = _1496;
        }
        if (_1507)
        {
            key = k;
            where = w;
        }
    }
    uint i = (p.dst_off + (t * p.dst_stride)) + (2u * gl_WorkGroupID.x);
    _1531.dst[i] = key;
    _1531.dst[i + 1u] = where;
}

kernel void head_argmax_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1531 [[buffer(1)]], const device Src& _1284 [[buffer(2)]], const device From& _1260 [[buffer(3)]], const device Norm& _1306 [[buffer(4)]], const device Weight& __restrict _198 [[buffer(5)]], const device Live& _184 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
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
    open_weight(param, param_1);
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
    uint held = _491 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _184);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _526;
    if ((first + sub) < last)
    {
        _526 = (first + sub) * OUTS;
    }
    else
    {
        _526 = p.outs;
    }
    uint m = _526;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_piece();
            bool _576 = w_ < end;
            bool _583;
            if (_576)
            {
                _583 = m_ < p.outs;
            }
            else
            {
                _583 = _576;
            }
            if (_583)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = piece(param_4, param_5, p, _198);
            }
        }
    }
    uint _618;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    uint4 now[8];
    uint _975;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _618 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _618 = p.outs;
        }
        uint after = _618;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _649; i_1++)
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
                        uint team = _692;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _708 = min(words, (end - w)) * 2u;
                        uint _712 = at % team;
                        uint quads = _708;
                        uint v0 = _712;
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
                                    bool _753 = v < quads;
                                    bool _760;
                                    if (_753)
                                    {
                                        _760 = t < p.rows;
                                    }
                                    else
                                    {
                                        _760 = _753;
                                    }
                                    bool _769;
                                    if (_760)
                                    {
                                        _769 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _769 = _760;
                                    }
                                    if (_769)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1260, _1284);
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
                                    bool _819 = v_1 < quads;
                                    bool _828;
                                    if (_819)
                                    {
                                        _828 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _828 = _819;
                                    }
                                    if (_828)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _1306);
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
                                    float _881 = rms_square(param_14);
                                    mine += _881;
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
                            float param_15 = mine;
                            put_squares(param_15, sub, lanes, at, lane, squares);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                for (uint i_2 = 0u; i_2 < _943; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _969;
                if (!more)
                {
                    _969 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _969 = more;
                }
                uint m_next = _969 ? m : after;
                if (more)
                {
                    _975 = w + stride;
                }
                else
                {
                    _975 = begin;
                }
                uint w_next = _975;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_piece();
                        bool _1020 = w_1 < end;
                        bool _1027;
                        if (_1020)
                        {
                            _1027 = m_1 < p.outs;
                        }
                        else
                        {
                            _1027 = _1020;
                        }
                        if (_1027)
                        {
                            uint param_16 = m_1;
                            uint param_17 = w_1;
                            next[(i_3 * AHEAD) + u_1] = piece(param_16, param_17, p, _198);
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
                            uint4 param_18 = now[(i_4 * AHEAD) + u_2];
                            uint param_19 = wu;
                            scale[i_4] = scale_of(param_18, param_19);
                        }
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                            {
                                uint4 param_20 = now[(i_5 * AHEAD) + u_2];
                                uint param_21 = scale[i_5];
                                uint param_22 = 0u;
                                uint param_23 = q;
                                y[i_5] = weight4(param_20, param_21, param_22, param_23);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[(((((r_1 * 2u) + 0u) + q) * words) + from) + (u_2 * lanes)];
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
    conclude(chosen, p, at, subs, gl_WorkGroupID, best_key, best_at, _1531);
}

