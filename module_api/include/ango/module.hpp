// SPDX-License-Identifier: MIT
//
// C++20 comfort on top of module.h: derive from the class of a kind, override one method, name the module.
//
//   struct Lines : ango::Export {
//       void convert(ango::Job &, ango::Reader &assets, ango::Writer &zip) override {
//           zip.open("assets.ndjson");
//           for (const ango::Asset &asset : assets) zip.write(asset.json).write("\n");
//       }
//   };
//   ANGO_MODULE(Lines, {.id = "lines", .version = "1.0"})
//
// Errors are exceptions here and never cross the boundary: throw ango::Failure to fail the job with a
// sentence for the user; any other exception fails it with a general one, its what() goes to the operator.
// A class may have a constructor (std::string_view settings), the plugin's "settings" as JSON text; what it
// throws refuses the plugin. Text handed out by these classes lives as module.h says.
#ifndef ANGO_MODULE_HPP
#define ANGO_MODULE_HPP

#include <ango/module.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ango {

/// Fails a job (or a constructor) with a sentence for the user of Hub.
class Failure : public std::exception {
public:
    /// sentence: for the user; details: for the operator's log; retry_ms: run the job again after so long, −1: never.
    explicit Failure(std::string sentence, std::string details = {}, std::int64_t retry_ms = -1)
        : user_text(std::move(sentence)), operator_text(std::move(details)), retry_after_ms(retry_ms) {}
    const char *what() const noexcept override { return user_text.c_str(); }

    std::string user_text;
    std::string operator_text;
    std::int64_t retry_after_ms;
};

/// Ends a job that should stop; see Job::cancelled.
class Cancelled : public std::exception {
public:
    const char *what() const noexcept override { return "cancelled"; }
};

namespace detail {

/// A call of the host did not succeed; the host already knows why. Unwinds the module and is returned as is.
struct HostStatus {
    std::int32_t status;
};

inline void check(std::int32_t status) {
    if (status < 0) throw HostStatus{status};
}

inline ango_str str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(const ango_str &text) {
    return text.size ? std::string_view(text.data, static_cast<std::size_t>(text.size)) : std::string_view();
}

/// The host's tables. Filled by the first create of the process, constant from then on.
struct Services {
    const ango_job_v1 *job = nullptr;
    const ango_log_v1 *log = nullptr;
    const ango_cancel_v1 *cancel = nullptr;
    const ango_reader_v1 *reader = nullptr;
    const ango_writer_v1 *writer = nullptr;
    const ango_scratch_v1 *scratch = nullptr;
    const ango_result_v1 *result = nullptr;
    const ango_failure_v1 *failure = nullptr;
    const ango_http_v1 *http = nullptr; ///< null if the host has none
    const ango_hub_v1 *hub = nullptr;
    const ango_listing_v1 *listing = nullptr;
};
inline Services services;

} // namespace detail

/// A temporary file of a job: written first, then read from the start. Vanishes with the job.
class Scratch {
public:
    explicit Scratch(ango_scratch_file *file) : file_(file) {}
    void write(std::string_view bytes) {
        const ango_str s = detail::str(bytes);
        detail::check(detail::services.scratch->write(file_, &s));
    }
    /// Fills buffer as far as bytes are left; returns how many, 0 at the end.
    std::size_t read(char *buffer, std::size_t capacity) {
        std::uint64_t got = 0;
        detail::check(detail::services.scratch->read(file_, buffer, capacity, &got));
        return static_cast<std::size_t>(got);
    }

private:
    ango_scratch_file *file_; // the host's
};

/// One run of the plugin.
class Job {
public:
    explicit Job(ango_job *job) : job_(job) {}
    Job(const Job &) = delete;
    Job &operator=(const Job &) = delete;
    ~Job() {
        if (on_cancel_) detail::services.cancel->on_cancel(job_, nullptr, nullptr);
    }

    std::string_view event() const { return text(detail::services.job->event); }
    std::string_view config() const { return text(detail::services.job->config); }
    /// A top-level member of the event as JSON text.
    std::optional<std::string_view> field(std::string_view name) const {
        const ango_str n = detail::str(name);
        ango_str out{};
        const std::int32_t status = detail::services.job->field(job_, &n, &out);
        detail::check(status);
        return status == ANGO_OK ? std::optional(detail::view(out)) : std::nullopt;
    }
    std::uint32_t attempt() const { return detail::services.job->attempt(job_); }
    std::optional<std::string_view> checkpoint() const {
        ango_str out{};
        const std::int32_t status = detail::services.job->checkpoint(job_, &out);
        detail::check(status);
        return status == ANGO_OK ? std::optional(detail::view(out)) : std::nullopt;
    }
    void save_checkpoint(std::string_view bytes) {
        const ango_str s = detail::str(bytes);
        detail::check(detail::services.job->save_checkpoint(job_, &s));
    }

    void debug(std::string_view text) { line(ANGO_LOG_DEBUG, text); }
    void info(std::string_view text) { line(ANGO_LOG_INFO, text); }
    void warning(std::string_view text) { line(ANGO_LOG_WARNING, text); }
    void error(std::string_view text) { line(ANGO_LOG_ERROR, text); }
    void progress(std::uint64_t done, std::uint64_t total = 0) { detail::services.log->progress(job_, done, total); }

    bool cancelled() const { return detail::services.cancel->cancelled(job_) != 0; }
    /// Called once, on another thread, when the job should stop; must not throw. Removed when the job ends.
    void on_cancel(std::function<void()> callback) {
        detail::check(detail::services.cancel->on_cancel(job_, nullptr, nullptr));
        on_cancel_ = std::move(callback);
        if (!on_cancel_) return;
        detail::check(detail::services.cancel->on_cancel(
            job_, [](void *self) noexcept { static_cast<Job *>(self)->on_cancel_(); }, this));
    }

    /// The result of fetch: the body, or the sentence that says why there is none. Valid until the next fetch.
    struct Fetched {
        bool ok = false;
        std::string_view text;
    };
    /// GETs an https URL or a path of Hub's REST API ("/v2/project/ID"), at most so many bytes.
    Fetched fetch(std::string_view url, std::uint64_t limit) {
        if (!detail::services.http) return {false, "this version of the plugin host cannot fetch files."};
        const ango_str u = detail::str(url);
        ango_str out{};
        const std::int32_t status = detail::services.http->get(job_, &u, limit, &out);
        if (status == ANGO_CANCELLED) detail::check(status);
        return {status == ANGO_OK, detail::view(out)};
    }

    /// One request of fetch's kind, with everything that HTTP has. Text must live until the call returns.
    struct Request {
        std::string_view method = "GET";
        std::string_view url;
        std::vector<std::pair<std::string_view, std::string_view>> headers = {};
        std::string_view body = {};
        std::uint64_t limit = 64u << 20;                                 ///< bytes of the answer
        std::string_view s3_region = {}, s3_key_id = {}, s3_secret = {}; ///< signed for S3 if there is a key id
    };
    /// The answer, whatever its status; status 0: there is none, and body is the sentence that says why. Valid until
    /// the next request or fetch.
    struct Response {
        std::uint32_t status = 0;
        std::string_view body, content_type;
    };
    Response request(const Request &what) {
        if (!detail::services.http) return {0, "this version of the plugin host cannot fetch files.", {}};
        std::vector<ango_str> headers;
        for (const auto &[name, value] : what.headers) {
            headers.push_back(detail::str(name));
            headers.push_back(detail::str(value));
        }
        ango_http_request request{};
        request.struct_size = sizeof request;
        request.method = detail::str(what.method);
        request.url = detail::str(what.url);
        request.headers = headers.data();
        request.header_count = what.headers.size();
        request.body = detail::str(what.body);
        request.limit = what.limit;
        request.s3_region = detail::str(what.s3_region);
        request.s3_key_id = detail::str(what.s3_key_id);
        request.s3_secret = detail::str(what.s3_secret);
        ango_http_response response{};
        response.struct_size = sizeof response;
        const std::int32_t status = detail::services.http->request(job_, &request, &response);
        if (status == ANGO_CANCELLED) detail::check(status);
        return {status == ANGO_OK ? response.status : 0, detail::view(response.body),
                detail::view(response.content_type)};
    }

    /// Asks Hub's REST API: its answer, or the sentence that says why there is none. repeat: the call may be sent again
    /// when it is not known whether it arrived. Valid until the next call of this job.
    Fetched hub(std::string_view method, std::string_view path, std::string_view body = {}, bool repeat = false) {
        if (!detail::services.hub) return {false, "this version of the plugin host cannot ask Hub."};
        const ango_str m = detail::str(method), p = detail::str(path), b = detail::str(body);
        ango_str out{};
        const std::int32_t status = detail::services.hub->call(job_, &m, &p, &b, repeat ? 1 : 0, &out);
        if (status == ANGO_CANCELLED) detail::check(status);
        return {status == ANGO_OK, detail::view(out)};
    }
    /// Puts bytes into Hub's storage; the URL under which Hub reads them. type: "brushes", "medicalBrushes", "assets".
    Fetched upload(std::string_view type, std::string_view name, std::string_view bytes) {
        if (!detail::services.hub) return {false, "this version of the plugin host cannot ask Hub."};
        const ango_str t = detail::str(type), n = detail::str(name), b = detail::str(bytes);
        ango_str out{};
        const std::int32_t status = detail::services.hub->upload(job_, &t, &n, &b, &out);
        if (status == ANGO_CANCELLED) detail::check(status);
        return {status == ANGO_OK, detail::view(out)};
    }

    Scratch scratch() {
        ango_scratch_file *file = nullptr;
        detail::check(detail::services.scratch->create(job_, &file));
        return Scratch(file);
    }

    /// Export: how the zip is called.
    void file_name(std::string_view name) {
        const ango_str s = detail::str(name);
        detail::check(detail::services.result->file_name(job_, &s));
    }
    /// Export: id of the storage the zip goes to.
    void storage(std::string_view storage_id) {
        const ango_str s = detail::str(storage_id);
        detail::check(detail::services.result->storage(job_, &s));
    }

    ango_job *raw() const { return job_; }

private:
    std::string_view text(std::int32_t (*get)(ango_job *, ango_str *)) const {
        ango_str out{};
        detail::check(get(job_, &out));
        return detail::view(out);
    }
    void line(std::uint32_t level, std::string_view text) {
        const ango_str s = detail::str(text);
        detail::services.log->line(job_, level, &s);
    }

    ango_job *job_; // the host's
    std::function<void()> on_cancel_;
};

/// One asset of an export; json is valid until the next asset is read.
struct Asset {
    std::string_view json;
    std::uint64_t number = 0; ///< line or element, from 1
    std::uint64_t offset = 0; ///< bytes from the start of the unzipped export
    bool in_array = false;    ///< a record that is not valid JSON makes the whole export unusable
};

/// The assets of an export, one after the other: call next, or use it in a range-for.
class Reader {
public:
    explicit Reader(ango_reader *reader) : reader_(reader) {}

    /// The next asset, null after the last. The asset stays valid until the next call.
    const Asset *next() {
        ango_asset asset{};
        asset.struct_size = sizeof asset;
        const std::int32_t status = detail::services.reader->next(reader_, &asset);
        detail::check(status);
        if (status == ANGO_END) return nullptr;
        current_ = {detail::view(asset.json), asset.number, asset.offset, asset.container == ANGO_CONTAINER_ARRAY};
        return &current_;
    }

    class Iterator {
    public:
        explicit Iterator(Reader &reader) : reader_(&reader), asset_(reader.next()) {}
        const Asset &operator*() const { return *asset_; }
        Iterator &operator++() {
            asset_ = reader_->next();
            return *this;
        }
        bool operator==(std::default_sentinel_t) const { return asset_ == nullptr; }

    private:
        Reader *reader_;
        const Asset *asset_;
    };
    Iterator begin() { return Iterator(*this); }
    std::default_sentinel_t end() const { return {}; }

private:
    ango_reader *reader_; // the host's
    Asset current_;
};

/// The zip an export produces, entry by entry.
class Writer {
public:
    explicit Writer(ango_writer *writer) : writer_(writer) {}
    /// Starts an entry and closes the one before it.
    Writer &open(std::string_view name) {
        const ango_str s = detail::str(name);
        detail::check(detail::services.writer->open(writer_, &s));
        return *this;
    }
    Writer &write(std::string_view bytes) {
        const ango_str s = detail::str(bytes);
        detail::check(detail::services.writer->write(writer_, &s));
        return *this;
    }
    void close() { detail::check(detail::services.writer->close(writer_)); }

private:
    ango_writer *writer_; // the host's
};

/// Kind Export: reads assets, writes files.
class Export {
public:
    virtual ~Export() = default;
    virtual void convert(Job &job, Reader &assets, Writer &zip) = 0;
};

/// The asset that a model is asked about. See ango_model_asset in module.h.
struct ModelAsset {
    std::string_view id, external_id, data, task_id;
    std::string_view classes; ///< JSON
    std::string_view record;  ///< JSON
};

/// Kinds Model and Batch Model: the labels of an asset, {"objects": […], …} as JSON text; empty: none.
class Model {
public:
    virtual ~Model() = default;
    virtual std::string predict(Job &job, const ModelAsset &asset) = 0;
};

/// The folder that a user looks at in a file explorer. See ango_folder in module.h.
struct Folder {
    std::string_view bucket, folder, token;
    std::string_view storage; ///< JSON, with keys in it
    std::uint32_t limit = 0;  ///< entries of a page
};

/// Takes what a file explorer finds.
class Listing {
public:
    explicit Listing(ango_listing *page) : page_(page) {}
    Listing &folder(std::string_view prefix) {
        const ango_str s = detail::str(prefix);
        detail::check(detail::services.listing->folder(page_, &s));
        return *this;
    }
    /// url: where Hub finds it; empty: the usual address of that key in its storage.
    Listing &file(std::string_view key, std::string_view url = {}) {
        const ango_str k = detail::str(key), u = detail::str(url);
        detail::check(detail::services.listing->file(page_, &k, &u));
        return *this;
    }
    /// There are more: the token with which the next page is asked for.
    void next(std::string_view token) {
        const ango_str s = detail::str(token);
        detail::check(detail::services.listing->next(page_, &s));
    }

private:
    ango_listing *page_; // the host's
};

/// Kind File Explorer: shows one page of what lies directly in a folder.
class FileExplorer {
public:
    virtual ~FileExplorer() = default;
    virtual void list(Job &job, const Folder &folder, Listing &page) = 0;
    /// The address of a file that the user chose; empty: the usual one of that key in its storage.
    virtual std::string url(Job &, const Folder &, std::string_view /*key*/) { return {}; }
};

/// The table that a markdown generator is run on; lives as long as its job.
struct Table {
    std::vector<std::string_view> columns;
    std::string_view markdown; ///< the user's text
};

struct Row {
    const Table &table;
    std::uint64_t number;  ///< from 0
    const ango_str *cells; ///< one for each column
    std::string_view operator[](std::size_t column) const { return detail::view(cells[column]); }
    std::size_t size() const { return table.columns.size(); }
};

/// The asset made of a line; cleared before each. The texts keep their memory from line to line.
struct RowAsset {
    std::string data;        ///< the asset's text
    std::string external_id; ///< empty: as the user's options say
    std::string batch;       ///< likewise
    std::string labels;      ///< JSON as of a Model; empty: none
    bool skip = false;       ///< no asset for this line
};

/// Kind Markdown Generator: turns each line of a table into an asset.
class Markdown {
public:
    /// The state that a job keeps from line to line, if any.
    struct State {
        virtual ~State() = default;
    };
    virtual ~Markdown() = default;
    /// Checks the options against the table, once for each job.
    virtual std::unique_ptr<State> begin(Job &, const Table &) { return nullptr; }
    virtual void row(Job &job, State *state, const Row &row, RowAsset &asset) = 0;
};

/// Kind Input: the answer to an event, as JSON text; empty answers "".
class Input {
public:
    virtual ~Input() = default;
    virtual std::string answer(Job &job) = 0;
};

/// The description of a module for ANGO_MODULE. Every text must be a literal.
struct Description {
    std::string_view id; ///< [a-z0-9-]
    std::string_view version = "0";
    std::string_view name = {};
    std::string_view summary = {};
    bool concurrent = false; ///< one object may run several jobs at a time
};

namespace detail {

inline void report(ango_job *job, const Failure &why) noexcept {
    if (!services.failure) return;
    ango_failure failure{};
    failure.struct_size = sizeof failure;
    failure.retry_after_ms = why.retry_after_ms;
    failure.user_text = str(why.user_text);
    failure.operator_text = str(why.operator_text);
    services.failure->fail(job, &failure);
}

/// Runs body; turns what it throws into a status and, where the host cannot know, a reason.
template <class Body> std::int32_t guarded(ango_job *job, const Body &body) noexcept {
    try {
        body();
        return ANGO_OK;
    } catch (const HostStatus &host) {
        return host.status;
    } catch (const Cancelled &) {
        return ANGO_CANCELLED;
    } catch (const Failure &failure) {
        report(job, failure);
    } catch (const std::bad_alloc &) {
        try {
            report(job, Failure("The plugin ran out of memory.", "the module threw std::bad_alloc"));
        } catch (...) { // the status alone must do
        }
    } catch (const std::exception &e) {
        try {
            report(job, Failure(job ? "The plugin met an unexpected problem." : std::string(e.what()), e.what()));
        } catch (...) { // out of memory while saying so: the status alone must do
        }
    } catch (...) {
        try {
            report(job, Failure("The plugin met an unexpected problem.",
                                "the module threw something that is no std::exception"));
        } catch (...) {
        }
    }
    return ANGO_FAILED;
}

template <class T> T &object(ango_instance *instance) { return *reinterpret_cast<T *>(instance); }

template <class T> struct Glue {
    static constexpr bool is_export = std::is_base_of_v<Export, T>;
    static constexpr bool is_model = std::is_base_of_v<Model, T>;
    static constexpr bool is_file_explorer = std::is_base_of_v<FileExplorer, T>;
    static constexpr bool is_markdown = std::is_base_of_v<Markdown, T>;
    static constexpr bool is_input = std::is_base_of_v<Input, T>;
    static constexpr std::uint64_t kinds = (is_export ? ANGO_KIND_EXPORT : 0) |
                                           (is_model ? ANGO_KIND_MODEL | ANGO_KIND_BATCH_MODEL : 0) |
                                           (is_file_explorer ? ANGO_KIND_FILE_EXPLORER : 0) |
                                           (is_markdown ? ANGO_KIND_MARKDOWN : 0) | (is_input ? ANGO_KIND_INPUT : 0);
    static_assert(kinds != 0, "a module class derives from the class of a kind: ango::Export, ango::Model, …");

    static std::int32_t create(const ango_host *host, const ango_str *settings, ango_instance **out) noexcept {
        find(host, "ango.failure", services.failure);
        find(host, "ango.job", services.job);
        find(host, "ango.log", services.log);
        find(host, "ango.cancel", services.cancel);
        find(host, "ango.reader", services.reader);
        find(host, "ango.writer", services.writer);
        find(host, "ango.scratch", services.scratch);
        find(host, "ango.result", services.result);
        find(host, "ango.http", services.http);
        find(host, "ango.hub", services.hub);
        find(host, "ango.listing", services.listing);
        return guarded(nullptr, [&] {
            T *made = nullptr;
            if constexpr (std::is_constructible_v<T, std::string_view>)
                made = new T(view(*settings));
            else
                made = new T();
            *out = reinterpret_cast<ango_instance *>(made);
        });
    }
    static void destroy(ango_instance *instance) noexcept { delete &object<T>(instance); }

    static std::int32_t convert(ango_instance *instance, ango_job *raw, ango_reader *reader,
                                ango_writer *writer) noexcept {
        return guarded(raw, [&] {
            Job job(raw);
            Reader assets(reader);
            Writer zip(writer);
            if constexpr (is_export) object<T>(instance).convert(job, assets, zip);
        });
    }
    static std::int32_t answer(ango_instance *instance, ango_job *raw) noexcept {
        return guarded(raw, [&] {
            Job job(raw);
            if constexpr (is_input) {
                const std::string json = object<T>(instance).answer(job);
                const ango_str s = str(json);
                if (!json.empty()) check(services.result->value(raw, &s));
            }
        });
    }
    static std::int32_t predict(ango_instance *instance, ango_job *raw, const ango_model_asset *asset) noexcept {
        return guarded(raw, [&] {
            if constexpr (is_model) {
                Job job(raw);
                const std::string json =
                    object<T>(instance).predict(job, {view(asset->id), view(asset->external_id), view(asset->data),
                                                      view(asset->task_id), view(asset->classes), view(asset->record)});
                const ango_str s = str(json);
                if (json.empty()) return;
                if (services.result->value(raw, &s) != ANGO_OK)
                    throw Failure("The plugin's answer is not valid JSON.", json.substr(0, 200));
            }
        });
    }

    static Folder folder_of(const ango_folder *folder) {
        return {view(folder->bucket), view(folder->folder), view(folder->token), view(folder->storage), folder->limit};
    }
    static std::int32_t list(ango_instance *instance, ango_job *raw, const ango_folder *folder,
                             ango_listing *listing) noexcept {
        return guarded(raw, [&] {
            if constexpr (is_file_explorer) {
                Job job(raw);
                Listing page(listing);
                object<T>(instance).list(job, folder_of(folder), page);
            }
        });
    }
    static std::int32_t locate(ango_instance *instance, ango_job *raw, const ango_folder *folder, const ango_str *key,
                               ango_listing *listing) noexcept {
        return guarded(raw, [&] {
            if constexpr (is_file_explorer) {
                Job job(raw);
                const std::string url = object<T>(instance).url(job, folder_of(folder), view(*key));
                if (!url.empty()) Listing(listing).file(view(*key), url);
            }
        });
    }

    /// The state of a markdown job.
    struct Lines {
        Table table;
        std::unique_ptr<Markdown::State> state;
        RowAsset asset;
    };
    static std::int32_t begin(ango_instance *instance, ango_job *raw, const ango_table *table, void **state) noexcept {
        return guarded(raw, [&] {
            if constexpr (is_markdown) {
                auto *lines = new Lines;
                *state = lines; // from here on the host calls end
                for (std::uint64_t i = 0; i < table->column_count; ++i)
                    lines->table.columns.push_back(view(table->columns[i]));
                lines->table.markdown = view(table->markdown);
                Job job(raw);
                lines->state = object<T>(instance).begin(job, lines->table);
            }
        });
    }
    static std::int32_t row(ango_instance *instance, ango_job *raw, void *state, const ango_row *row,
                            ango_row_asset *asset) noexcept {
        return guarded(raw, [&] {
            if constexpr (is_markdown) {
                auto &lines = *static_cast<Lines *>(state);
                RowAsset &made = lines.asset;
                for (std::string *text : {&made.data, &made.external_id, &made.batch, &made.labels}) text->clear();
                made.skip = false;
                Job job(raw);
                object<T>(instance).row(job, lines.state.get(), Row{lines.table, row->number, row->cells}, made);
                asset->skip = made.skip ? 1 : 0;
                asset->data = str(made.data);
                asset->external_id = str(made.external_id);
                asset->batch = str(made.batch);
                asset->labels = str(made.labels);
            }
        });
    }
    static void end(ango_instance *, ango_job *, void *state) noexcept { delete static_cast<Lines *>(state); }

    static std::int32_t describe(ango_instance *instance, ango_str *json) noexcept {
        return guarded(nullptr, [&] {
            if constexpr (requires(T & t) {
                              { t.describe() } -> std::convertible_to<std::string>;
                          }) {
                thread_local std::string text;
                text = object<T>(instance).describe();
                *json = str(text);
            }
        });
    }

    static const void *table(const ango_str *name, std::uint32_t revision) noexcept {
        static constexpr ango_export_v1 export_table{sizeof(ango_export_v1), 0, &Glue::convert};
        static constexpr ango_model_v1 model_table{sizeof(ango_model_v1), 0, &Glue::predict};
        static constexpr ango_file_explorer_v1 explorer_table{sizeof(ango_file_explorer_v1), 0, &Glue::list,
                                                              &Glue::locate};
        static constexpr ango_markdown_v1 markdown_table{sizeof(ango_markdown_v1), 0, &Glue::begin, &Glue::row,
                                                         &Glue::end};
        static constexpr ango_input_v1 input_table{sizeof(ango_input_v1), 0, &Glue::answer};
        const std::string_view kind = revision == 1 ? view(*name) : "";
        if (is_export && kind == "ango.export") return &export_table;
        if (is_model && kind == "ango.model") return &model_table;
        if (is_file_explorer && kind == "ango.file-explorer") return &explorer_table;
        if (is_markdown && kind == "ango.markdown") return &markdown_table;
        if (is_input && kind == "ango.input") return &input_table;
        return nullptr;
    }

    static const ango_module *descriptor(const Description &about) {
        // Only what the classes of the module cannot do without: less is enough.
        static const std::vector<ango_requirement> needs = [] {
            std::vector<ango_requirement> list;
            const auto need = [&](std::string_view name, std::uint32_t optional = 0) {
                list.push_back({sizeof(ango_requirement), 1, str(name), optional, 0});
            };
            for (const std::string_view name : {"ango.failure", "ango.job", "ango.log", "ango.cancel", "ango.result"})
                need(name);
            if (is_export)
                for (const std::string_view name : {"ango.reader", "ango.writer", "ango.scratch"}) need(name);
            if (is_file_explorer) need("ango.listing");
            need("ango.http", 1);
            need("ango.hub", 1);
            return list;
        }();
        static const std::vector<const ango_requirement *> list = [] {
            std::vector<const ango_requirement *> pointers;
            for (const ango_requirement &one : needs) pointers.push_back(&one);
            return pointers;
        }();
        static const ango_module module{sizeof(ango_module),
                                        ANGO_ABI,
                                        about.concurrent ? ANGO_MODULE_CONCURRENT : 0,
                                        kinds,
                                        str(about.id),
                                        str(about.name),
                                        str(about.version),
                                        str(about.summary),
                                        list.data(),
                                        list.size(),
                                        &Glue::create,
                                        &Glue::destroy,
                                        &Glue::table,
                                        &Glue::describe};
        return &module;
    }

private:
    template <class Table> static void find(const ango_host *host, std::string_view name, const Table *&table) {
        const ango_str n = str(name);
        table = static_cast<const Table *>(host->service(host, &n, 1));
    }
};

} // namespace detail
} // namespace ango

/// Makes Class the module of this library: ANGO_MODULE(Class, {.id = "my-module", .version = "1.0"})
#define ANGO_MODULE(Class, ...)                                                                                        \
    extern "C" ANGO_EXPORT const ango_module *ango_module_entry(std::uint32_t) {                                       \
        return ::ango::detail::Glue<Class>::descriptor(::ango::Description __VA_ARGS__);                               \
    }

#endif
