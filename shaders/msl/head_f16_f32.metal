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

constant uint _171_tmp [[function_constant(0)]];
constant uint _171 = is_function_constant_defined(_171_tmp) ? _171_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_171, 1u, 1u);
constant uint _174 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _176 = (_174 / ROWS);
constant uint _184 = gl_WorkGroupSize.x;
constant uint _185 = (_184 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _407 = (ROWS * 2u);
constant uint _408 = (TILE / _407);

struct Weight
{
    uint4 weight[1];
};

constant uint _574 = (OUTS * ROWS);
constant uint _616 = gl_WorkGroupSize.x;
constant uint _617 = (_616 / ROWS);
constant uint _868 = (OUTS * AHEAD);

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

constant uint _1218 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _125)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_125.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device From& _1154, const device Src& _1178)
{
    uint row = _1154.from[p.from_off + (t * p.from_stride)];
    float _1172;
    if (row < p.src_rows)
    {
        _1172 = _1178.src[(p.src_off + (row * p.src_stride)) + c];
    }
    else
    {
        _1172 = 0.0;
    }
    return _1172;
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1200)
{
    return _1200.norm[p.norm_off + c];
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
    return max((_176 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _185;
    uint parts = square_parts(lanes);
    uint _238;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _238 = sub % parts;
            }
            else
            {
                _238 = 0u;
            }
            squares[(r * parts) + _238] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    uint2 _81;
    if (q == 0u)
    {
        _81 = w.xy;
    }
    else
    {
        _81 = w.zw;
    }
    uint2 h = _81;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, thread uint& lane, threadgroup float (&squares)[128], thread uint& alive, threadgroup float (&sums)[512], device Dst& __restrict _1250)
{
    for (uint e = lane; e < _1218; e += lanes)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1233 = t >= alive;
        bool _1243;
        if (!_1233)
        {
            _1243 = (m + k) >= p.outs;
        }
        else
        {
            _1243 = _1233;
        }
        if (_1243)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        uint param_2 = r;
        _1250.dst[(((p.dst_off + (t * p.dst_stride)) + p.first) + m) + k] = sums[sum_at(param, param_1, sub)] * row_scale(param_2, p, lanes, squares);
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void head_f16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1250 [[buffer(1)]], const device Src& _1178 [[buffer(2)]], const device From& _1154 [[buffer(3)]], const device Norm& _1200 [[buffer(4)]], const device Weight& __restrict _510 [[buffer(5)]], const device Live& _125 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint span = ((p.pitch + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), p.pitch);
    uint end = min((begin + span), p.pitch);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _408 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _125);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _443;
    if ((first + sub) < last)
    {
        _443 = (first + sub) * OUTS;
    }
    else
    {
        _443 = p.outs;
    }
    uint m = _443;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = uint4(0u);
            bool _493 = w_ < end;
            bool _500;
            if (_493)
            {
                _500 = m_ < p.outs;
            }
            else
            {
                _500 = _493;
            }
            if (_500)
            {
                next[(i * AHEAD) + u] = _510.weight[(m_ * p.pitch) + w_];
            }
        }
    }
    uint _543;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    uint4 now[8];
    uint _900;
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _543 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _543 = p.outs;
        }
        uint after = _543;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _574; i_1++)
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
                        uint team = _617;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _633 = min(words, (end - w)) * 2u;
                        uint _637 = at % team;
                        uint quads = _633;
                        uint v0 = _637;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint c = ((w * 2u) + v) * 4u;
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _678 = v < quads;
                                    bool _685;
                                    if (_678)
                                    {
                                        _685 = t < p.rows;
                                    }
                                    else
                                    {
                                        _685 = _678;
                                    }
                                    bool _694;
                                    if (_685)
                                    {
                                        _694 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _694 = _685;
                                    }
                                    if (_694)
                                    {
                                        uint param = t;
                                        uint param_1 = c + k;
                                        x[j][k] = source(param, param_1, p, _1154, _1178);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint c_1 = ((w * 2u) + v_1) * 4u;
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _744 = v_1 < quads;
                                    bool _753;
                                    if (_744)
                                    {
                                        _753 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _753 = _744;
                                    }
                                    if (_753)
                                    {
                                        uint param_2 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_2, p, _1200);
                                    }
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                uint param_3 = block;
                                prepare(param_3);
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_4 = x[j_2][k_2];
                                    float _806 = rms_square(param_4);
                                    mine += _806;
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
                            float param_5 = mine;
                            put_squares(param_5, sub, lanes, at, lane, squares);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                for (uint i_2 = 0u; i_2 < _868; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _894;
                if (!more)
                {
                    _894 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _894 = more;
                }
                uint m_next = _894 ? m : after;
                if (more)
                {
                    _900 = w + stride;
                }
                else
                {
                    _900 = begin;
                }
                uint w_next = _900;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = uint4(0u);
                        bool _944 = w_1 < end;
                        bool _951;
                        if (_944)
                        {
                            _951 = m_1 < p.outs;
                        }
                        else
                        {
                            _951 = _944;
                        }
                        if (_951)
                        {
                            next[(i_3 * AHEAD) + u_1] = _510.weight[(m_1 * p.pitch) + w_1];
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    if (((w + (u_2 * lanes)) + lane) < end)
                    {
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                            {
                                uint4 param_6 = now[(i_4 * AHEAD) + u_2];
                                uint param_7 = q;
                                y[i_4] = weight4(param_6, param_7);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[((((r_1 * 2u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    float4 param_8 = y[i_5];
                                    float4 param_9 = x_1;
                                    float param_10 = acc[(i_5 * ROWS) + r_1];
                                    acc[(i_5 * ROWS) + r_1] = dot_add(param_8, param_9, param_10);
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_6 = 0u; i_6 < OUTS; i_6++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_6 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_11 = int(r_2);
                        uint param_12 = i_6;
                        sums[sum_at(param_11, param_12, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_13 = m;
            uint param_14 = block;
            finish(param_13, param_14, p, sub, lanes, lane, squares, alive, sums, _1250);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

