// The tables of the services, one source file for each group, and helpers that these files share.
//
// No exception may leave a service function: call guarded. The only exception to expect is lack of memory; it becomes
// ANGO_IO.
#pragma once

#include <ango/module.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace angod::host::service {

extern const ango_job_v1 kJob;         // service_job.cpp
extern const ango_log_v1 kLog;         // service_log.cpp
extern const ango_cancel_v1 kCancel;   // service_cancel.cpp
extern const ango_reader_v1 kReader;   // service_export.cpp
extern const ango_writer_v1 kWriter;   // service_export.cpp
extern const ango_scratch_v1 kScratch; // service_export.cpp
extern const ango_http_v1 kHttp;       // service_http.cpp
extern const ango_hub_v1 kHub;         // service_hub.cpp
extern const ango_listing_v1 kListing; // service_listing.cpp
extern const ango_result_v1 kResult;   // service_result.cpp
extern const ango_failure_v1 kFailure; // service_result.cpp

inline std::string_view view(const ango_str *text) {
    return text && text->size ? std::string_view(text->data, static_cast<std::size_t>(text->size)) : std::string_view();
}

inline void give(ango_str *out, std::string_view text) { *out = {text.data(), text.size()}; }

template <class Body> std::int32_t guarded(const Body &body) noexcept {
    try {
        return body();
    } catch (...) {
        return ANGO_IO;
    }
}

} // namespace angod::host::service
