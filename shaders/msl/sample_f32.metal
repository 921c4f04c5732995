#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

using namespace metal;

// Implementation of the unsigned GLSL findMSB() function
template<typename T>
inline T spvFindUMSB(T x)
{
    return select(clz(T(0)) - (clz(x) + T(1)), T(-1), x == T(0));
}

template<typename T, uint N>
inline void spvArrayCopyFromConstantToStack(thread T (&dst)[N], constant T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromConstantToThreadGroup(threadgroup T (&dst)[N], constant T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromStackToStack(thread T (&dst)[N], thread const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromStackToThreadGroup(threadgroup T (&dst)[N], thread const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromThreadGroupToStack(thread T (&dst)[N], threadgroup const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromThreadGroupToThreadGroup(threadgroup T (&dst)[N], threadgroup const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromDeviceToDevice(device T (&dst)[N], device const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromConstantToDevice(device T (&dst)[N], constant T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromStackToDevice(device T (&dst)[N], thread const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromThreadGroupToDevice(device T (&dst)[N], threadgroup const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromDeviceToStack(thread T (&dst)[N], device const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromDeviceToThreadGroup(threadgroup T (&dst)[N], device const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T>
[[clang::optnone]] T spvFMul(T l, T r)
{
    return fma(l, r, T(0));
}

template<typename T, int Cols, int Rows>
[[clang::optnone]] vec<T, Cols> spvFMulVectorMatrix(vec<T, Rows> v, matrix<T, Cols, Rows> m)
{
    vec<T, Cols> res = vec<T, Cols>(0);
    for (uint i = Rows; i > 0; --i)
    {
        vec<T, Cols> tmp(0);
        for (uint j = 0; j < Cols; ++j)
        {
            tmp[j] = m[j][i - 1];
        }
        res = fma(tmp, vec<T, Cols>(v[i - 1]), res);
    }
    return res;
}

template<typename T, int Cols, int Rows>
[[clang::optnone]] vec<T, Rows> spvFMulMatrixVector(matrix<T, Cols, Rows> m, vec<T, Cols> v)
{
    vec<T, Rows> res = vec<T, Rows>(0);
    for (uint i = Cols; i > 0; --i)
    {
        res = fma(m[i - 1], vec<T, Rows>(v[i - 1]), res);
    }
    return res;
}

template<typename T, int LCols, int LRows, int RCols, int RRows>
[[clang::optnone]] matrix<T, RCols, LRows> spvFMulMatrixMatrix(matrix<T, LCols, LRows> l, matrix<T, RCols, RRows> r)
{
    matrix<T, RCols, LRows> res;
    for (uint i = 0; i < RCols; i++)
    {
        vec<T, RCols> tmp(0);
        for (uint j = 0; j < LCols; j++)
        {
            tmp = fma(vec<T, RCols>(r[i][j]), l[j], tmp);
        }
        res[i] = tmp;
    }
    return res;
}

template<typename T>
[[clang::optnone]] T spvFSub(T l, T r)
{
    return fma(T(-1), r, l);
}

template<typename T, typename U, typename V>
[[clang::optnone]] T spvMulExtended(V l, V r)
{
    return T{U(l * r), U(mulhi(l, r))};
}

struct Params
{
    uint tokens;
    uint dst_off;
    uint dst_stride;
    uint logits_off;
    uint logits_stride;
    uint records_off;
    uint records_stride;
    uint slots;
    uint counts_off;
    uint counts_stride;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
};

struct Batch
{
    int batch[1];
};

struct ResType
{
    uint _m0;
    uint _m1;
};

#ifndef SPIRV_CROSS_CONSTANT_ID_1
#define SPIRV_CROSS_CONSTANT_ID_1 256u
#endif
constant uint WIDTH = SPIRV_CROSS_CONSTANT_ID_1;
constant uint _336_tmp [[function_constant(0)]];
constant uint _336 = is_function_constant_defined(_336_tmp) ? _336_tmp : 256u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_336, 1u, 1u);
constant uint _339 = gl_WorkGroupSize.x;
constant uint _340 = (_339 / 2u);

struct Records
{
    uint records[1];
};

struct Logits
{
    uint logits[1];
};

struct Counts
{
    int counts[1];
};

struct Dst
{
    int dst[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _186)
{
    return min(p.batch_records, uint(max(_186.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _186)
{
    return uint(_186.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
uint record(thread const uint& word, const device Records& _408, thread uint& record_at)
{
    return _408.records[record_at + word];
}

static inline __attribute__((always_inline))
uint ordered(thread const uint& bits)
{
    uint _303;
    if ((bits & 2147483648u) != 0u)
    {
        _303 = ~bits;
    }
    else
    {
        _303 = bits | 2147483648u;
    }
    return _303;
}

static inline __attribute__((always_inline))
uint score_key(thread const uint& bits)
{
    if (((bits & 2147483647u) > 2139095040u) || (bits == 4286578688u))
    {
        return 0u;
    }
    if (bits == 2139095040u)
    {
        uint param = 2139095039u;
        return ordered(param);
    }
    uint param_1 = ((bits & 2139095040u) == 0u) ? 0u : bits;
    return ordered(param_1);
}

static inline __attribute__((always_inline))
uint penalised_key(thread uint& bits, thread const int& count, thread float& penalty, thread float& inv_penalty)
{
    if (count > 0)
    {
        float s = as_type<float>(bits);
        float y = spvFMul(s, (s < 0.0) ? penalty : inv_penalty);
        bits = as_type<uint>(y);
    }
    uint param = bits;
    return score_key(param);
}

static inline __attribute__((always_inline))
void read(thread const uint& i, thread const uint& _step, thread const uint& end, thread uint (&k)[8], thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at)
{
    int n[8];
    for (uint j = 0u; j < 8u; j++)
    {
        k[j] = _492.logits[logits_at + min((i + (j * _step)), (end - 1u))];
        n[j] = 0;
    }
    if (penalised)
    {
        for (uint j_1 = 0u; j_1 < 8u; j_1++)
        {
            n[j_1] = _506.counts[counts_at + min((i + (j_1 * _step)), (end - 1u))];
        }
    }
    uint _594;
    for (uint j_2 = 0u; j_2 < 8u; j_2++)
    {
        if ((i + (j_2 * _step)) < end)
        {
            uint param = k[j_2];
            int param_1 = n[j_2];
            uint _605 = penalised_key(param, param_1, penalty, inv_penalty);
            _594 = _605;
        }
        else
        {
            _594 = 0u;
        }
        k[j_2] = _594;
    }
}

static inline __attribute__((always_inline))
uint largest(thread const uint& key, thread const uint& at, thread uint& greatest, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH])
{
    uint i = gl_LocalInvocationIndex;
    pair_x[i] = key;
    pair_y[i] = (key == 0u) ? 0u : at;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _340; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            uint k = pair_x[i + n];
            uint a = pair_y[i + n];
            bool _369 = k > pair_x[i];
            bool _386;
            if (!_369)
            {
                bool _377 = k == pair_x[i];
                bool _385;
                if (_377)
                {
                    _385 = a < pair_y[i];
                }
                else
                {
                    _385 = _377;
                }
                _386 = _385;
            }
            else
            {
                _386 = _369;
            }
            if (_386)
            {
                pair_x[i] = k;
                pair_y[i] = a;
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    greatest = pair_x[0];
    uint first = pair_y[0];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return first;
}

static inline __attribute__((always_inline))
uint padded(thread const uint& count)
{
    uint _1108;
    if (count <= 1u)
    {
        _1108 = 1u;
    }
    else
    {
        _1108 = 2u << uint(int(spvFindUMSB(count - 1u)));
    }
    return _1108;
}

static inline __attribute__((always_inline))
bool inverted(thread const uint& i, thread const uint& j, thread const bool& by_id, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint a = bin_lo[i];
    uint b = bin_lo[j];
    if (by_id || (a == b))
    {
        return bin_hi[i] > bin_hi[j];
    }
    return a < b;
}

static inline __attribute__((always_inline))
void sort(thread const uint& count, thread const bool& by_id, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint size = gl_WorkGroupSize.x;
    uint param = count;
    uint whole = padded(param);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint run = 2u; run <= whole; run *= 2u)
    {
        uint _1137 = run / 2u;
        for (uint n = _1137; n > 0u; n /= 2u)
        {
            for (uint t = gl_LocalInvocationIndex; t < (whole / 2u); t += size)
            {
                uint i = (2u * t) - (t & (n - 1u));
                uint j = i + n;
                uint param_1 = i;
                uint param_2 = j;
                bool param_3 = by_id;
                if (inverted(param_1, param_2, param_3, bin_lo, bin_hi) == ((i & run) == 0u))
                {
                    uint k = bin_lo[i];
                    uint id = bin_hi[i];
                    bin_lo[i] = bin_lo[j];
                    bin_hi[i] = bin_hi[j];
                    bin_lo[j] = k;
                    bin_hi[j] = id;
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

static inline __attribute__((always_inline))
uint reached(thread const uint& k, thread const uint& mine, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint me = gl_LocalInvocationIndex;
    uint groups = gl_WorkGroupSize.x;
    bin_lo[me] = mine;
    bin_hi[me] = me;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (; groups >= (4u * k); groups /= 2u)
    {
        uint n = groups / 2u;
        if (me < n)
        {
            bin_lo[me] = max(bin_lo[me], bin_lo[me + n]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    uint param = groups;
    bool param_1 = false;
    sort(param, param_1, gl_LocalInvocationIndex, bin_lo, bin_hi);
    return max(bin_lo[k - 1u], 1u);
}

static inline __attribute__((always_inline))
float score_of(thread const uint& key)
{
    uint _451;
    if ((key & 2147483648u) != 0u)
    {
        _451 = key & 2147483647u;
    }
    else
    {
        _451 = ~key;
    }
    return as_type<float>(_451);
}

static inline __attribute__((always_inline))
float log_ratio(thread const uint& key, thread uint& greatest, thread float& scale)
{
    uint param = greatest;
    uint param_1 = key;
    float d = spvFSub(score_of(param), score_of(param_1));
    float t = spvFMul(d, scale);
    return t;
}

static inline __attribute__((always_inline))
uint band(thread const uint& key, thread uint& greatest, thread float& scale, thread float& bands)
{
    uint param = key;
    float t = log_ratio(param, greatest, scale);
    uint _1219;
    if (t < 32.0)
    {
        _1219 = uint(t * bands);
    }
    else
    {
        _1219 = 1024u;
    }
    return _1219;
}

static inline __attribute__((always_inline))
uint list(thread const uint& bound, thread const uint& only, constant Params& p, thread uint& gl_LocalInvocationIndex, thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at, thread uint& greatest, thread float& scale, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], threadgroup uint& found, thread float& bands)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    if (me == 0u)
    {
        found = 0u;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint param_3[8];
    for (uint i = me; i < p.tokens; i += (8u * size))
    {
        uint n = 0u;
        uint param = i;
        uint param_1 = size;
        uint param_2 = p.tokens;
        read(param, param_1, param_2, param_3, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_3);
        for (uint j = 0u; j < 8u; j++)
        {
            bool _1274 = k[j] < bound;
            bool _1291;
            if (!_1274)
            {
                bool _1280 = only != 4294967295u;
                bool _1290;
                if (_1280)
                {
                    uint param_4 = k[j];
                    _1290 = band(param_4, greatest, scale, bands) != only;
                }
                else
                {
                    _1290 = _1280;
                }
                _1291 = _1290;
            }
            else
            {
                _1291 = _1274;
            }
            if (_1291)
            {
                k[j] = 0u;
            }
            if (k[j] != 0u)
            {
                n++;
            }
        }
        if (n == 0u)
        {
            continue;
        }
        uint _1313 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&found, n, memory_order_relaxed);
        uint at = _1313;
        for (uint j_1 = 0u; j_1 < 8u; j_1++)
        {
            if ((k[j_1] == 0u) || (at >= 1024u))
            {
                continue;
            }
            bin_lo[at] = k[j_1];
            bin_hi[at] = i + (j_1 * size);
            at++;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint count = found;
    uint i_1 = count + me;
    for (;;)
    {
        uint param_5 = count;
        uint _1366 = padded(param_5);
        uint _1367 = min(_1366, 1024u);
        if (i_1 < _1367)
        {
            bin_lo[i_1] = 0u;
            bin_hi[i_1] = 4294967295u;
            i_1 += size;
            continue;
        }
        else
        {
            break;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return count;
}

static inline __attribute__((always_inline))
void clear_bins(thread const uint& bins, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint i = gl_LocalInvocationIndex; i < bins; i += gl_WorkGroupSize.x)
    {
        bin_lo[i] = 0u;
        bin_hi[i] = 0u;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
uint place(thread const uint& mode, thread const uint& i, thread const uint& key)
{
    uint _1434;
    if (mode == 2u)
    {
        _1434 = i;
    }
    else
    {
        _1434 = ~key;
    }
    return _1434;
}

static inline __attribute__((always_inline))
uint mul_high(thread const uint& a, thread const uint& b)
{
    ResType _270 = spvMulExtended<ResType, uint>(a, b);
    uint lo = _270._m0;
    uint hi = _270._m1;
    return hi;
}

static inline __attribute__((always_inline))
uint weight_of(thread const float& t)
{
    if (!(t < 32.0))
    {
        return 0u;
    }
    uint x = uint(t * 67108864.0);
    uint n = x >> uint(26);
    uint f = x << uint(6);
    uint param = f;
    uint param_1 = 470132u;
    uint h = mul_high(param, param_1);
    uint param_2 = f;
    uint param_3 = 5481167u - h;
    h = mul_high(param_2, param_3);
    uint param_4 = f;
    uint param_5 = 41149752u - h;
    h = mul_high(param_4, param_5);
    uint param_6 = f;
    uint param_7 = 238335109u - h;
    h = mul_high(param_6, param_7);
    uint param_8 = f;
    uint param_9 = 1031756795u - h;
    h = mul_high(param_8, param_9);
    uint param_10 = f;
    uint param_11 = 2977044050u - h;
    h = mul_high(param_10, param_11);
    uint m = 2147483648u - ((h + 1u) >> uint(1));
    uint _679;
    if (n == 0u)
    {
        _679 = m;
    }
    else
    {
        _679 = (m + (1u << (n - 1u))) >> n;
    }
    return _679;
}

static inline __attribute__((always_inline))
uint weight(thread const uint& key, thread uint& greatest, thread float& scale)
{
    uint param = key;
    float param_1 = log_ratio(param, greatest, scale);
    return weight_of(param_1);
}

static inline __attribute__((always_inline))
uint amount(thread const uint& mode, thread const uint& key, thread uint& greatest, thread float& scale, thread uint& lowest)
{
    if (mode == 0u)
    {
        return uint((key == 0u) ? 0 : 1);
    }
    bool _1455 = key < lowest;
    bool _1465;
    if (!_1455)
    {
        _1465 = (mode == 2u) && (key != lowest);
    }
    else
    {
        _1465 = _1455;
    }
    uint _1466;
    if (_1465)
    {
        _1466 = 0u;
    }
    else
    {
        uint param = key;
        _1466 = weight(param, greatest, scale);
    }
    return _1466;
}

static inline __attribute__((always_inline))
void add_to_bin(thread const uint& bin, thread const uint2& v, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint _776 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&bin_lo[bin], v.x, memory_order_relaxed);
    uint old = _776;
    uint more = v.y + uint(int((old + v.x) < old));
    if (more != 0u)
    {
        uint _796 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&bin_hi[bin], more, memory_order_relaxed);
    }
}

static inline __attribute__((always_inline))
uint kept(thread const uint& i, thread const uint& key, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least)
{
    bool _721 = key < lowest;
    bool _733;
    if (!_721)
    {
        _733 = (key == lowest) && (i > last);
    }
    else
    {
        _733 = _721;
    }
    if (_733)
    {
        return 0u;
    }
    uint param = key;
    uint w = weight(param, greatest, scale);
    return (w < least) ? 0u : w;
}

static inline __attribute__((always_inline))
uint key_at(thread const uint& i, thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at)
{
    int _500;
    if (penalised)
    {
        _500 = _506.counts[counts_at + i];
    }
    else
    {
        _500 = 0;
    }
    uint param = _492.logits[logits_at + i];
    int param_1 = _500;
    uint _519 = penalised_key(param, param_1, penalty, inv_penalty);
    return _519;
}

static inline __attribute__((always_inline))
uint2 term(thread const uint& of, thread const uint& i, thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin)
{
    switch (of)
    {
        case 0u:
        {
            return uint2(bin_lo[i], bin_hi[i]);
        }
        case 1u:
        {
            uint param = bin_hi[i];
            uint param_1 = bin_lo[i];
            return uint2(kept(param, param_1, greatest, scale, lowest, last, least), 0u);
        }
    }
    uint param_2 = origin + i;
    uint param_3 = origin + i;
    uint param_4 = key_at(param_2, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at);
    return uint2(kept(param_3, param_4, greatest, scale, lowest, last, least), 0u);
}

static inline __attribute__((always_inline))
uint2 wide_add(thread const uint2& a, thread const uint2& b)
{
    uint lo = a.x + b.x;
    return uint2(lo, (a.y + b.y) + uint(int(lo < a.x)));
}

static inline __attribute__((always_inline))
uint2 add_up(thread const uint& of, thread const uint& count, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint each = ((count + size) - 1u) / size;
    uint from = min((me * each), count);
    uint to = min((from + each), count);
    uint2 sum = uint2(0u);
    for (uint i = from; i < to; i++)
    {
        uint param = of;
        uint param_1 = i;
        uint2 param_2 = sum;
        uint2 param_3 = term(param, param_1, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
        sum = wide_add(param_2, param_3);
    }
    pair_x[me] = sum.x;
    pair_y[me] = sum.y;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint busy = ((count + each) - 1u) / each;
    uint2 _910;
    for (uint n = 1u; n < busy; n *= 2u)
    {
        if (me >= n)
        {
            _910 = uint2(pair_x[me - n], pair_y[me - n]);
        }
        else
        {
            _910 = uint2(0u);
        }
        uint2 left = _910;
        threadgroup_barrier(mem_flags::mem_threadgroup);
        uint2 param_4 = sum;
        uint2 param_5 = left;
        sum = wide_add(param_4, param_5);
        pair_x[me] = sum.x;
        pair_y[me] = sum.y;
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    return uint2(pair_x[busy - 1u], pair_y[busy - 1u]);
}

static inline __attribute__((always_inline))
bool wide_less(thread const uint2& a, thread const uint2& b)
{
    bool _245 = a.y < b.y;
    bool _262;
    if (!_245)
    {
        bool _253 = a.y == b.y;
        bool _261;
        if (_253)
        {
            _261 = a.x < b.x;
        }
        else
        {
            _261 = _253;
        }
        _262 = _261;
    }
    else
    {
        _262 = _245;
    }
    return _262;
}

static inline __attribute__((always_inline))
uint reach(thread const uint& of, thread const uint& count, thread const uint2& target, thread uint2& below, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint each = ((count + size) - 1u) / size;
    uint from = min((me * each), count);
    uint to = min((from + each), count);
    uint2 _978;
    if (me > 0u)
    {
        _978 = uint2(pair_x[me - 1u], pair_y[me - 1u]);
    }
    else
    {
        _978 = uint2(0u);
    }
    uint2 param = below;
    uint2 param_1 = _978;
    uint2 before = wide_add(param, param_1);
    uint2 param_2 = below;
    uint2 param_3 = uint2(pair_x[me], pair_y[me]);
    uint2 end = wide_add(param_2, param_3);
    bool _1010 = from < to;
    bool _1018;
    if (_1010)
    {
        uint2 param_4 = before;
        uint2 param_5 = target;
        _1018 = wide_less(param_4, param_5);
    }
    else
    {
        _1018 = _1010;
    }
    bool _1027;
    if (_1018)
    {
        uint2 param_6 = end;
        uint2 param_7 = target;
        _1027 = !wide_less(param_6, param_7);
    }
    else
    {
        _1027 = _1018;
    }
    if (_1027)
    {
        for (uint i = from; i < to; i++)
        {
            uint param_8 = of;
            uint param_9 = i;
            uint2 param_10 = before;
            uint2 param_11 = term(param_8, param_9, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
            uint2 after = wide_add(param_10, param_11);
            uint2 param_12 = after;
            uint2 param_13 = target;
            if (!wide_less(param_12, param_13))
            {
                found = i;
                below_lo = before.x;
                below_hi = before.y;
                break;
            }
            before = after;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint at = found;
    below = uint2(below_lo, below_hi);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return at;
}

static inline __attribute__((always_inline))
uint search(thread const uint& mode, thread const uint2& target, thread uint2& below, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint _1483;
    if (mode == 2u)
    {
        _1483 = uint(int(spvFindUMSB(p.tokens - 1u)) + 1);
    }
    else
    {
        _1483 = 32u;
    }
    uint bits = _1483;
    uint prefix = 0u;
    uint shift = bits;
    below = uint2(0u);
    uint param_4[8];
    while (shift > 0u)
    {
        uint n = min(shift, 10u);
        uint above = shift;
        shift -= n;
        uint param = 1u << n;
        clear_bins(param, gl_LocalInvocationIndex, bin_lo, bin_hi);
        for (uint i = me; i < p.tokens; i += (8u * size))
        {
            uint param_1 = i;
            uint param_2 = size;
            uint param_3 = p.tokens;
            read(param_1, param_2, param_3, param_4, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at);
            uint k[8];
            spvArrayCopyFromStackToStack(k, param_4);
            for (uint j = 0u; j < 8u; j++)
            {
                uint param_5 = mode;
                uint param_6 = i + (j * size);
                uint param_7 = k[j];
                uint at = place(param_5, param_6, param_7);
                bool _1563 = above < 32u;
                bool _1571;
                if (_1563)
                {
                    _1571 = (at >> above) != prefix;
                }
                else
                {
                    _1571 = _1563;
                }
                if (_1571)
                {
                    continue;
                }
                uint param_8 = mode;
                uint param_9 = k[j];
                uint v = amount(param_8, param_9, greatest, scale, lowest);
                if (v != 0u)
                {
                    uint param_10 = (at >> shift) & ((1u << n) - 1u);
                    uint2 param_11 = uint2(v, 0u);
                    add_to_bin(param_10, param_11, bin_lo, bin_hi);
                }
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
        uint param_12 = 0u;
        uint param_13 = 1u << n;
        uint2 _1610 = add_up(param_12, param_13, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
        uint2 param_14 = below;
        uint2 param_15 = _1610;
        uint2 _all = wide_add(param_14, param_15);
        uint2 param_16 = _all;
        uint2 param_17 = target;
        if (wide_less(param_16, param_17))
        {
            threadgroup_barrier(mem_flags::mem_threadgroup);
            return 4294967294u;
        }
        uint param_18 = 0u;
        uint param_19 = 1u << n;
        uint2 param_20 = target;
        uint2 param_21 = below;
        uint _1635 = reach(param_18, param_19, param_20, param_21, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
        below = param_21;
        prefix = (prefix << n) | _1635;
    }
    return prefix;
}

static inline __attribute__((always_inline))
uint2 add_up_bands(thread const uint& bottom, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, thread float& bands)
{
    uint me = gl_LocalInvocationIndex;
    uint param = bottom;
    uint exponent = max((min(as_type<uint>(log_ratio(param, greatest, scale)), 1107296255u) >> uint(23)), 9u);
    bands = as_type<float>((263u - exponent) << uint(23));
    uint param_1 = 1024u;
    clear_bins(param_1, gl_LocalInvocationIndex, bin_lo, bin_hi);
    uint param_5[8];
    for (uint size = gl_WorkGroupSize.x, i = me; i < p.tokens; i += (8u * size))
    {
        uint param_2 = i;
        uint param_3 = size;
        uint param_4 = p.tokens;
        read(param_2, param_3, param_4, param_5, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_5);
        for (uint j = 0u; j < 8u; j++)
        {
            uint param_6 = 1u;
            uint param_7 = k[j];
            uint v = amount(param_6, param_7, greatest, scale, lowest);
            if (v != 0u)
            {
                uint param_8 = k[j];
                uint param_9 = band(param_8, greatest, scale, bands);
                uint2 param_10 = uint2(v, 0u);
                add_to_bin(param_9, param_10, bin_lo, bin_hi);
            }
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint param_11 = 0u;
    uint param_12 = 1024u;
    uint2 _1722 = add_up(param_11, param_12, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
    return _1722;
}

static inline __attribute__((always_inline))
uint2 wide_scaled(thread const uint2& a, thread const uint& fraction)
{
    ResType _281 = spvMulExtended<ResType, uint>(a.y, fraction);
    uint lo = _281._m0;
    uint hi = _281._m1;
    uint param = a.x;
    uint param_1 = fraction;
    uint2 param_2 = uint2(lo, hi);
    uint2 param_3 = uint2(mul_high(param, param_1), 0u);
    return wide_add(param_2, param_3);
}

static inline __attribute__((always_inline))
uint uniform_word(const device Records& _408, thread uint& record_at)
{
    uint param = 8u;
    uint4 c = uint4(record(param, _408, record_at), 0u, 0u, 0u);
    uint param_1 = 6u;
    uint param_2 = 7u;
    uint2 k = uint2(record(param_1, _408, record_at), record(param_2, _408, record_at));
    for (uint _round = 0u; _round < 10u; _round++)
    {
        ResType _1830 = spvMulExtended<ResType, uint>(3528531795u, c.x);
        uint alo = _1830._m0;
        uint ahi = _1830._m1;
        ResType _1838 = spvMulExtended<ResType, uint>(3449720151u, c.z);
        uint blo = _1838._m0;
        uint bhi = _1838._m1;
        c = uint4((bhi ^ c.y) ^ k.x, blo, (ahi ^ c.w) ^ k.y, alo);
        k += uint2(2654435769u, 3144134277u);
    }
    return c.x;
}

static inline __attribute__((always_inline))
uint2 drawn(thread const uint2& mass, const device Records& _408, thread uint& record_at)
{
    uint2 param = mass;
    uint param_1 = uniform_word(_408, record_at);
    uint2 param_2 = wide_scaled(param, param_1);
    uint2 param_3 = uint2(1u, 0u);
    return wide_add(param_2, param_3);
}

static inline __attribute__((always_inline))
uint2 add_up_teams(thread const uint& teams, thread const uint& span, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin)
{
    uint team = gl_LocalInvocationIndex / 32u;
    uint end = min(((team + 1u) * span), p.tokens);
    uint param = teams;
    clear_bins(param, gl_LocalInvocationIndex, bin_lo, bin_hi);
    uint2 sum = uint2(0u);
    uint _1746 = (team * span) + (gl_LocalInvocationIndex % 32u);
    uint param_4[8];
    for (uint i = _1746; i < end; i += 256u)
    {
        uint param_1 = i;
        uint param_2 = 32u;
        uint param_3 = end;
        read(param_1, param_2, param_3, param_4, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_4);
        for (uint j = 0u; j < 8u; j++)
        {
            uint param_5 = i + (j * 32u);
            uint param_6 = k[j];
            uint2 param_7 = sum;
            uint2 param_8 = uint2(kept(param_5, param_6, greatest, scale, lowest, last, least), 0u);
            sum = wide_add(param_7, param_8);
        }
    }
    uint param_9 = team;
    uint2 param_10 = sum;
    add_to_bin(param_9, param_10, bin_lo, bin_hi);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint param_11 = 0u;
    uint param_12 = teams;
    uint2 _1800 = add_up(param_11, param_12, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
    return _1800;
}

static inline __attribute__((always_inline))
uint draw(constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], const device Records& _408, thread uint& record_at, thread float& penalty, thread float& inv_penalty, const device Logits& _492, thread uint& logits_at, thread bool& penalised, const device Counts& _506, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi, thread float& bands)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint param = 4u;
    penalty = as_type<float>(record(param, _408, record_at));
    uint param_1 = 12u;
    inv_penalty = as_type<float>(record(param_1, _408, record_at));
    penalised = (counts_at != 4294967295u) && (penalty != 1.0);
    uint key = 0u;
    uint at = 0u;
    uint smallest = 4294967295u;
    uint param_5[8];
    for (uint i = me; i < p.tokens; i += (8u * size))
    {
        uint param_2 = i;
        uint param_3 = size;
        uint param_4 = p.tokens;
        read(param_2, param_3, param_4, param_5, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_5);
        for (uint j = 0u; j < 8u; j++)
        {
            if (k[j] > key)
            {
                key = k[j];
                at = i + (j * size);
            }
            if (k[j] != 0u)
            {
                smallest = min(smallest, k[j]);
            }
        }
    }
    uint param_6 = key;
    uint param_7 = at;
    uint param_8;
    uint _1969 = largest(param_6, param_7, param_8, gl_LocalInvocationIndex, pair_x, pair_y);
    greatest = param_8;
    uint best = _1969;
    uint param_9 = 11u;
    scale = as_type<float>(record(param_9, _408, record_at));
    if ((greatest == 0u) || (scale == 0.0))
    {
        return best;
    }
    lowest = 1u;
    last = p.tokens;
    least = 0u;
    uint param_10 = 1u;
    uint top_k = record(param_10, _408, record_at);
    uint bound = 0u;
    uint count = 0u;
    if (p.tokens <= 1024u)
    {
        bound = 1u;
    }
    else
    {
        bool _1998 = top_k > 0u;
        bool _2006;
        if (_1998)
        {
            _2006 = top_k <= min(size, 512u);
        }
        else
        {
            _2006 = _1998;
        }
        if (_2006)
        {
            uint param_11 = top_k;
            uint param_12 = key;
            uint _2013 = reached(param_11, param_12, gl_LocalInvocationIndex, bin_lo, bin_hi);
            bound = _2013;
        }
    }
    if (bound > 0u)
    {
        uint param_13 = bound;
        uint param_14 = 4294967295u;
        uint _2021 = list(param_13, param_14, p, gl_LocalInvocationIndex, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, bin_lo, bin_hi, found, bands);
        count = _2021;
    }
    bool whole = (bound > 0u) && (count <= 1024u);
    uint2 below;
    if (whole)
    {
        uint param_15 = count;
        bool param_16 = false;
        sort(param_15, param_16, gl_LocalInvocationIndex, bin_lo, bin_hi);
        if ((top_k > 0u) && (top_k < count))
        {
            lowest = bin_lo[top_k - 1u];
        }
    }
    else
    {
        if (top_k > 0u)
        {
            uint param_17 = 0u;
            uint2 param_18 = uint2(top_k, 0u);
            uint2 param_19;
            uint _2058 = search(param_17, param_18, param_19, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
            below = param_19;
            lowest = ~_2058;
        }
    }
    uint param_20 = 13u;
    uint fraction = record(param_20, _408, record_at);
    if (fraction != 0u)
    {
        uint2 mass;
        if (whole)
        {
            uint param_21 = 1u;
            uint param_22 = count;
            uint2 _2076 = add_up(param_21, param_22, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
            mass = _2076;
        }
        else
        {
            uint bottom = lowest;
            if (lowest == 1u)
            {
                uint param_23 = ~smallest;
                uint param_24 = 0u;
                uint param_25;
                uint _2089 = largest(param_23, param_24, param_25, gl_LocalInvocationIndex, pair_x, pair_y);
                bottom = param_25;
                bottom = ~bottom;
            }
            uint param_26 = bottom;
            uint2 _2095 = add_up_bands(param_26, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, bands);
            mass = _2095;
        }
        uint2 param_27 = mass;
        uint param_28 = fraction;
        uint2 target = wide_scaled(param_27, param_28);
        if ((mass.x * fraction) != 0u)
        {
            uint2 param_29 = target;
            uint2 param_30 = uint2(1u, 0u);
            target = wide_add(param_29, param_30);
        }
        below = uint2(0u);
        if (!whole)
        {
            uint param_31 = 0u;
            uint param_32 = 1024u;
            uint2 param_33 = target;
            uint2 param_34 = below;
            uint _2123 = reach(param_31, param_32, param_33, param_34, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
            below = param_34;
            uint param_35 = lowest;
            uint param_36 = _2123;
            uint _2128 = list(param_35, param_36, p, gl_LocalInvocationIndex, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, bin_lo, bin_hi, found, bands);
            count = _2128;
            if (count <= 1024u)
            {
                uint param_37 = count;
                bool param_38 = false;
                sort(param_37, param_38, gl_LocalInvocationIndex, bin_lo, bin_hi);
                uint param_39 = 1u;
                uint param_40 = count;
                uint2 _2140 = add_up(param_39, param_40, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
            }
        }
        if (count <= 1024u)
        {
            uint param_41 = 1u;
            uint param_42 = count;
            uint2 param_43 = target;
            uint2 param_44 = below;
            uint _2153 = reach(param_41, param_42, param_43, param_44, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
            below = param_44;
            uint edge = _2153;
            lowest = bin_lo[edge];
            last = bin_hi[edge];
        }
        else
        {
            uint2 param_47;
            for (uint mode = 1u; mode <= 2u; mode++)
            {
                uint param_45 = mode;
                uint2 param_46 = target;
                uint _2176 = search(param_45, param_46, param_47, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
                below = param_47;
                uint edge_1 = _2176;
                if (mode == 1u)
                {
                    lowest = ~edge_1;
                }
                else
                {
                    last = edge_1;
                }
                target = uint2(target.x - below.x, (target.y - below.y) - uint(int(target.x < below.x)));
            }
        }
    }
    uint param_48 = 14u;
    least = record(param_48, _408, record_at);
    below = uint2(0u);
    if (whole)
    {
        uint param_49 = count;
        bool param_50 = true;
        sort(param_49, param_50, gl_LocalInvocationIndex, bin_lo, bin_hi);
        uint param_51 = 1u;
        uint param_52 = count;
        uint2 _2222 = add_up(param_51, param_52, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
        uint2 param_53 = _2222;
        uint2 target_1 = drawn(param_53, _408, record_at);
        uint param_54 = 1u;
        uint param_55 = count;
        uint2 param_56 = target_1;
        uint2 param_57 = below;
        uint _2232 = reach(param_54, param_55, param_56, param_57, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
        below = param_57;
        return bin_hi[_2232];
    }
    uint teams = size / 32u;
    uint span = ((p.tokens + teams) - 1u) / teams;
    uint param_58 = teams;
    uint param_59 = span;
    uint2 _2253 = add_up_teams(param_58, param_59, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
    uint2 param_60 = _2253;
    uint2 target_2 = drawn(param_60, _408, record_at);
    uint param_61 = 0u;
    uint param_62 = teams;
    uint2 param_63 = target_2;
    uint2 param_64 = below;
    uint _2264 = reach(param_61, param_62, param_63, param_64, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
    below = param_64;
    origin = span * _2264;
    uint tokens = min(span, (p.tokens - origin));
    uint param_65 = 2u;
    uint param_66 = tokens;
    uint2 _2277 = add_up(param_65, param_66, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
    uint param_67 = 2u;
    uint param_68 = tokens;
    uint2 param_69 = target_2;
    uint2 param_70 = below;
    uint _2286 = reach(param_67, param_68, param_69, param_70, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
    below = param_70;
    return origin + _2286;
}

kernel void sample_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _2371 [[buffer(1)]], const device Logits& _492 [[buffer(2)]], const device Records& _408 [[buffer(3)]], const device Counts& _506 [[buffer(4)]], const device Batch& _186 [[buffer(5)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint pair_x[WIDTH];
    threadgroup uint pair_y[WIDTH];
    threadgroup uint bin_lo[1024];
    threadgroup uint bin_hi[1024];
    threadgroup uint found;
    threadgroup uint below_lo;
    threadgroup uint below_hi;
    uint seqs = batch_seqs(p, _186);
    uint record_at;
    float penalty;
    float inv_penalty;
    uint logits_at;
    bool penalised;
    uint counts_at;
    uint greatest;
    float scale;
    uint lowest;
    uint last;
    uint least;
    uint origin;
    float bands;
    uint _2349;
    for (uint q = gl_WorkGroupID.x; q < seqs; q += gl_NumWorkGroups.x)
    {
        uint param = q;
        uint param_1 = 4u;
        uint slot = batch_word(param, param_1, p, _186);
        uint param_2 = q;
        uint param_3 = 3u;
        bool _2315 = batch_word(param_2, param_3, p, _186) == 0u;
        bool _2324;
        if (!_2315)
        {
            _2324 = slot >= p.slots;
        }
        else
        {
            _2324 = _2315;
        }
        if (_2324)
        {
            continue;
        }
        logits_at = p.logits_off + (q * p.logits_stride);
        record_at = p.records_off + (slot * p.records_stride);
        if (p.counts_off == 4294967295u)
        {
            _2349 = 4294967295u;
        }
        else
        {
            _2349 = p.counts_off + (slot * p.counts_stride);
        }
        counts_at = _2349;
        uint _2363 = draw(p, gl_LocalInvocationIndex, pair_x, pair_y, _408, record_at, penalty, inv_penalty, _492, logits_at, penalised, _506, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi, bands);
        uint id = _2363;
        if (gl_LocalInvocationIndex == 0u)
        {
            _2371.dst[p.dst_off + (q * p.dst_stride)] = int(id);
        }
    }
}

