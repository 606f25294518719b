#include "host/services.hpp"

#include "base/json.hpp"
#include "base/redact.hpp"
#include "base/utf8.hpp"
#include "host/call_module.hpp"
#include "host/hub_upload.hpp"
#include "host/least_size.hpp"
#include "host/status.hpp"
#include "host_protocol/messages.hpp"

#include <algorithm>
#include <exception>

// No exception may leave these functions: what can only be lack of memory ends as ANGO_IO.

namespace angod::host {

namespace {

constexpr std::size_t kMaxLine = 8192;
constexpr std::uint64_t kMaxFetch = std::uint64_t{256} << 20; // bytes; they are held in memory

// Calls without a job carry no context of ours, so these two cannot be anything but process-wide.
std::function<void(LogLevel, std::string_view)> module_log;
thread_local CreateFailure *create_failure = nullptr;

std::string_view view(const ango_str *text) {
    return text && text->size ? std::string_view(text->data, static_cast<std::size_t>(text->size)) : std::string_view();
}

void give(ango_str *out, std::string_view text) { *out = {text.data(), text.size()}; }

template <class Body> std::int32_t guarded(const Body &body) noexcept {
    try {
        return body();
    } catch (...) {
        return ANGO_IO;
    }
}

// ---- ango.job

std::int32_t job_event(ango_job *job, ango_str *out) {
    if (!job || !out) return ANGO_INVALID;
    give(out, job->job.event);
    return ANGO_OK;
}

std::int32_t job_field(ango_job *job, const ango_str *name, ango_str *out) {
    if (!job || !name || !out) return ANGO_INVALID;
    for (const json::Member &member : job->job.members)
        if (member.name == view(name)) {
            give(out, member.value);
            return ANGO_OK;
        }
    return ANGO_ABSENT;
}

std::int32_t job_config(ango_job *job, ango_str *out) {
    if (!job || !out) return ANGO_INVALID;
    give(out, job->job.config);
    return ANGO_OK;
}

std::uint32_t job_attempt(ango_job *job) { return job ? job->job.attempt : 0; }

std::int32_t job_checkpoint(ango_job *job, ango_str *out) {
    if (!job || !out) return ANGO_INVALID;
    if (!job->job.checkpoint || job->checkpoint_is_hosts) return ANGO_ABSENT;
    give(out, *job->job.checkpoint);
    return ANGO_OK;
}

std::int32_t job_save_checkpoint(ango_job *job, const ango_str *bytes) {
    if (!job || !bytes || bytes->size > host_protocol::kMaxCheckpoint) return ANGO_INVALID;
    if (job->checkpoint_is_hosts) return ANGO_UNSUPPORTED;
    return guarded([&] { return job->job.save_checkpoint(view(bytes)) ? ANGO_OK : ANGO_IO; });
}

// ---- ango.log

void log_line(ango_job *job, std::uint32_t level, const ango_str *text) {
    guarded([&] {
        const auto severity = static_cast<LogLevel>(std::min(level, ANGO_LOG_ERROR));
        std::string_view line = view(text);
        std::string clean;
        if (line.size() > kMaxLine && job) { // half a key is not found any more
            clean = redact(line, spellings(job->job.field("apiKey").value_or("")));
            line = clean;
        }
        line = beginning_of(line, kMaxLine);
        if (job)
            job->job.log(severity, line);
        else
            log_for_operator(severity, line);
        return ANGO_OK;
    });
}

void log_progress(ango_job *job, std::uint64_t done, std::uint64_t total) {
    if (!job) return;
    guarded([&] {
        job->job.progress(done, total);
        return ANGO_OK;
    });
}

// ---- ango.cancel

std::int32_t cancel_cancelled(ango_job *job) { return job && job->job.cancel.cancelled() ? 1 : 0; }

std::int32_t cancel_on_cancel(ango_job *job, void (*callback)(void *), void *ctx) {
    if (!job) return ANGO_INVALID;
    return guarded([&] {
        std::function<void()> stop;
        if (callback)
            stop = [callback, ctx] {
                const auto called = call_module("on_cancel callback", [&] {
                    callback(ctx);
                    return ANGO_OK;
                });
                if (!called) log_for_operator(LogLevel::error, called.error().text);
            };
        job->job.cancel.on_cancel(std::move(stop));
        return ANGO_OK;
    });
}

// ---- ango.reader, ango.writer

std::int32_t reader_next(ango_reader *reader, ango_asset *asset) {
    if (!reader || !asset || asset->struct_size < least_size<ango_asset>) return ANGO_INVALID;
    return guarded([&] { return reader->reader.next(*asset); });
}

std::int32_t writer_open(ango_writer *writer, const ango_str *name) {
    if (!writer || !name) return ANGO_INVALID;
    return guarded([&] { return writer->zip.open(view(name)); });
}

std::int32_t writer_write(ango_writer *writer, const ango_str *bytes) {
    if (!writer || !bytes) return ANGO_INVALID;
    return guarded([&] { return writer->zip.write(view(bytes)); });
}

std::int32_t writer_close(ango_writer *writer) {
    if (!writer) return ANGO_INVALID;
    return guarded([&] { return writer->zip.close(); });
}

// ---- ango.scratch

std::int32_t scratch_create(ango_job *job, ango_scratch_file **out) {
    if (!job || !out) return ANGO_INVALID;
    if (!job->scratch) return ANGO_UNSUPPORTED;
    return guarded([&] {
        const std::int32_t status = job->scratch->create(out);
        if (status == ANGO_OK) (*out)->owner = job->scratch;
        return status;
    });
}

std::int32_t scratch_write(ango_scratch_file *file, const ango_str *bytes) {
    if (!file || !bytes) return ANGO_INVALID;
    return guarded([&] { return file->owner->write(file, view(bytes)); });
}

std::int32_t scratch_read(ango_scratch_file *file, char *buffer, std::uint64_t capacity, std::uint64_t *got) {
    if (!file || !buffer || !got) return ANGO_INVALID;
    return guarded([&] { return file->owner->read(file, buffer, capacity, got); });
}

// ---- ango.http

std::int32_t http_get(ango_job *job, const ango_str *url, std::uint64_t limit, ango_str *out) {
    if (!job || !url || !out) return ANGO_INVALID;
    *out = {};
    return guarded([&] {
        if (!job->fetcher) job->fetcher.emplace(job->job);
        const auto body = job->fetcher->get(view(url), std::min(limit, kMaxFetch));
        if (body) {
            give(out, *body);
            return ANGO_OK;
        }
        job->fetch_failure = body.error().text;
        give(out, job->fetch_failure);
        return body.error().code == Code::invalid ? ANGO_INVALID : status_of(body.error());
    });
}

std::int32_t http_request(ango_job *job, const ango_http_request *request, ango_http_response *response) {
    if (!job || !request || request->struct_size < least_size<ango_http_request> || !response ||
        response->struct_size < least_size<ango_http_response> || (request->header_count > 0 && !request->headers))
        return ANGO_INVALID;
    response->status = 0;
    response->body = response->content_type = {};
    return guarded([&] {
        if (!job->fetcher) job->fetcher.emplace(job->job);
        FetchRequest wanted;
        if (request->method.size > 0) wanted.method = view(&request->method);
        wanted.url = view(&request->url);
        for (std::uint64_t i = 0; i < request->header_count; ++i)
            wanted.headers.push_back(
                {std::string(view(&request->headers[2 * i])), std::string(view(&request->headers[2 * i + 1]))});
        wanted.body = view(&request->body);
        wanted.limit = std::min(request->limit, kMaxFetch);
        wanted.s3 = {std::string(view(&request->s3_region)), std::string(view(&request->s3_key_id)),
                     std::string(view(&request->s3_secret))};
        const auto answer = job->fetcher->request(wanted);
        if (answer) {
            response->status = static_cast<std::uint32_t>(answer->status);
            give(&response->body, answer->body);
            give(&response->content_type, answer->content_type);
            return ANGO_OK;
        }
        job->fetch_failure = answer.error().text;
        give(&response->body, job->fetch_failure);
        return answer.error().code == Code::invalid ? ANGO_INVALID : status_of(answer.error());
    });
}

// ---- ango.hub

/// The answer, or the sentence that says why there is none.
std::int32_t hub_answer(ango_job *job, Result<std::string> answer, ango_str *out) {
    const std::int32_t status = answer                                   ? ANGO_OK
                                : answer.error().code == Code::not_found ? ANGO_ABSENT
                                                                         : status_of(answer.error());
    job->hub_answer = answer ? std::move(*answer) : answer.error().text;
    give(out, job->hub_answer);
    return status;
}

std::int32_t hub_call(ango_job *job, const ango_str *method, const ango_str *path, const ango_str *body,
                      std::uint32_t repeat, ango_str *out) {
    if (!job || !method || !path || !out || !view(path).starts_with('/')) return ANGO_INVALID;
    return guarded([&] {
        if (!job->hub) job->hub.emplace(job->job);
        rest::Call call{"what the plugin needs", std::string(view(method)), std::string(view(path))};
        call.body = view(body);
        call.repeat = repeat != 0;
        const auto answer = job->hub->hub.call(call);
        return hub_answer(job, answer ? Result<std::string>(json::to_text(*answer)) : answer.error(), out);
    });
}

std::int32_t hub_upload(ango_job *job, const ango_str *type, const ango_str *name, const ango_str *bytes,
                        ango_str *out) {
    if (!job || !type || !name || !bytes || !out) return ANGO_INVALID;
    return guarded([&] {
        if (!job->hub) job->hub.emplace(job->job);
        rest::StoredFile file{std::string(view(name)), job->job.project(), "", std::string(view(type))};
        auto stored =
            upload(job->hub->client, job->hub->hub, file, {.what = file.name, .bytes = view(bytes)}, job->job.cancel);
        if (stored) {
            file.name = std::move(*stored);
            stored = job->hub->hub.signed_url(file);
        }
        return hub_answer(job, std::move(stored), out);
    });
}

// ---- ango.listing

std::int32_t listing_folder(ango_listing *page, const ango_str *prefix) {
    if (!page || !prefix) return ANGO_INVALID;
    return guarded([&] {
        if (!page->listing.has_room()) return ANGO_LIMIT;
        page->listing.folders.emplace_back(view(prefix));
        return ANGO_OK;
    });
}

std::int32_t listing_file(ango_listing *page, const ango_str *key, const ango_str *url) {
    if (!page || !key) return ANGO_INVALID;
    return guarded([&] {
        if (!page->listing.has_room()) return ANGO_LIMIT;
        page->listing.files.push_back({std::string(view(key)), std::string(view(url))});
        return ANGO_OK;
    });
}

std::int32_t listing_next(ango_listing *page, const ango_str *token) {
    if (!page || !token || token->size == 0 || token->size > Listing::kMaxToken) return ANGO_INVALID;
    return guarded([&] {
        page->listing.next = view(token);
        return ANGO_OK;
    });
}

// ---- ango.result, ango.failure

std::int32_t result_value(ango_job *job, const ango_str *text) {
    if (!job || !text) return ANGO_INVALID;
    return guarded([&] {
        if (!json::check(view(text))) return ANGO_INVALID;
        job->value = view(text);
        return ANGO_OK;
    });
}

std::int32_t result_file_name(ango_job *job, const ango_str *name) {
    if (!job || !name) return ANGO_INVALID;
    return guarded([&] {
        job->names.file_name = view(name);
        return ANGO_OK;
    });
}

std::int32_t result_storage(ango_job *job, const ango_str *storage_id) {
    if (!job || !storage_id) return ANGO_INVALID;
    return guarded([&] {
        job->names.storage = view(storage_id);
        return ANGO_OK;
    });
}

void failure_fail(ango_job *job, const ango_failure *failure) {
    if (!failure || failure->struct_size < least_size<ango_failure>) return;
    guarded([&] {
        Failure why{std::string(view(&failure->user_text)), std::string(view(&failure->operator_text)),
                    failure->retry_after_ms};
        if (job)
            job->failure = std::move(why);
        else if (create_failure)
            create_failure->failure = std::move(why);
        return ANGO_OK;
    });
}

constexpr ango_job_v1 kJob{sizeof(ango_job_v1), 0,           job_event,      job_field,
                           job_config,          job_attempt, job_checkpoint, job_save_checkpoint};
constexpr ango_log_v1 kLog{sizeof(ango_log_v1), 0, log_line, log_progress};
constexpr ango_cancel_v1 kCancel{sizeof(ango_cancel_v1), 0, cancel_cancelled, cancel_on_cancel};
constexpr ango_reader_v1 kReader{sizeof(ango_reader_v1), 0, reader_next};
constexpr ango_writer_v1 kWriter{sizeof(ango_writer_v1), 0, writer_open, writer_write, writer_close};
constexpr ango_scratch_v1 kScratch{sizeof(ango_scratch_v1), 0, scratch_create, scratch_write, scratch_read};
constexpr ango_http_v1 kHttp{sizeof(ango_http_v1), 0, http_get, http_request};
constexpr ango_hub_v1 kHub{sizeof(ango_hub_v1), 0, hub_call, hub_upload};
constexpr ango_listing_v1 kListing{sizeof(ango_listing_v1), 0, listing_folder, listing_file, listing_next};
constexpr ango_result_v1 kResult{sizeof(ango_result_v1), 0, result_value, result_file_name, result_storage};
constexpr ango_failure_v1 kFailure{sizeof(ango_failure_v1), 0, failure_fail};

struct Service {
    std::string_view name;
    std::uint32_t revision;
    const void *table;
};
constexpr Service kServices[] = {
    {"ango.job", 1, &kJob},       {"ango.log", 1, &kLog},         {"ango.cancel", 1, &kCancel},
    {"ango.reader", 1, &kReader}, {"ango.writer", 1, &kWriter},   {"ango.scratch", 1, &kScratch},
    {"ango.result", 1, &kResult}, {"ango.failure", 1, &kFailure}, {"ango.http", 1, &kHttp},
    {"ango.hub", 1, &kHub},       {"ango.listing", 1, &kListing},
};

const void *service(const ango_host *, const ango_str *name, std::uint32_t revision) {
    return find_service(view(name), revision);
}

} // namespace

const void *find_service(std::string_view name, std::uint32_t revision) {
    for (const Service &one : kServices)
        if (one.name == name && one.revision == revision) return one.table;
    return nullptr;
}

std::uint32_t last_revision(std::string_view name) {
    std::uint32_t last = 0;
    for (const Service &one : kServices)
        if (one.name == name) last = std::max(last, one.revision);
    return last;
}

const ango_host &host_table() {
    static const ango_host host{sizeof(ango_host), ANGO_ABI, nullptr, service};
    return host;
}

void set_module_log(std::function<void(LogLevel, std::string_view)> sink) { module_log = std::move(sink); }

void log_for_operator(LogLevel level, std::string_view text) {
    if (module_log) module_log(level, text);
}

CreateFailure::CreateFailure() { create_failure = this; }

CreateFailure::~CreateFailure() { create_failure = nullptr; }

std::string CreateFailure::text() const {
    if (failure.operator_text.empty() || failure.operator_text == failure.user_text) return failure.user_text;
    return failure.user_text + " (" + failure.operator_text + ")";
}

} // namespace angod::host
