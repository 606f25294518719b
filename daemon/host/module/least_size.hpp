// The least size of each struct that a module passes: its size in interface 1.0. Modules built with 1.0 pass no more,
// even if the struct has grown since.
#pragma once

#include <ango/module.h>

#include <cstddef>
#include <cstdint>

namespace angod::host {

/// Bytes up to the end of the last member that the struct had at 1.0.
template <class T> struct LeastSize;
template <class T> constexpr std::uint32_t least_size = LeastSize<T>::value;

#define ANGOD_LEAST_SIZE(type, last)                                                                                   \
    template <> struct LeastSize<type> {                                                                               \
        static constexpr std::uint32_t value = offsetof(type, last) + sizeof(type::last);                              \
    }

ANGOD_LEAST_SIZE(ango_module, table);
ANGOD_LEAST_SIZE(ango_requirement, optional);
ANGOD_LEAST_SIZE(ango_export_v1, convert);
ANGOD_LEAST_SIZE(ango_model_v1, predict);
ANGOD_LEAST_SIZE(ango_file_explorer_v1, locate);
ANGOD_LEAST_SIZE(ango_markdown_v1, end);
ANGOD_LEAST_SIZE(ango_input_v1, answer);
ANGOD_LEAST_SIZE(ango_asset, json);
ANGOD_LEAST_SIZE(ango_http_request, s3_secret);
ANGOD_LEAST_SIZE(ango_http_response, content_type);
ANGOD_LEAST_SIZE(ango_failure, operator_text);

#undef ANGOD_LEAST_SIZE

} // namespace angod::host
