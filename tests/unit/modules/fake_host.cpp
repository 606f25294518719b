// The services are functions on plain structs in memory. Each run makes a job, which counts the records that were read
// and keeps the results; a module is called exactly as the real host calls it, through ango_module_entry and its
// tables. One thread, one run at a time: the two pointers to the current run are globals.
#include "fake_host.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

struct ango_scratch_file {
    std::string bytes;
    std::size_t read = 0;
    bool reading = false;
};

struct ango_job {
    const fake_host::Run *what = nullptr;
    fake_host::Outcome *outcome = nullptr;
    std::uint64_t read = 0;
    std::string field; // last result of ango.job.field
    std::vector<std::unique_ptr<ango_scratch_file>> scratch;
};

struct ango_reader {
    ango_job *job = nullptr;
    std::uint64_t offset = 0;
};

struct ango_writer {
    fake_host::Outcome *outcome = nullptr;
    std::string *open = nullptr;
};

namespace fake_host {

namespace {

std::string_view view(const ango_str &text) {
    return text.size ? std::string_view(text.data, text.size) : std::string_view();
}
ango_str str(std::string_view text) { return {text.data(), text.size()}; }

Outcome *creating = nullptr;  // receives a failure without a job
const Run *running = nullptr; // the run of the current module

// ---- ango.job ----

std::int32_t job_event(ango_job *job, ango_str *out) {
    *out = str(job->what->event);
    return ANGO_OK;
}
/// The text of the member as it stands in the event, found by counting brackets, which is enough for the tests.
std::int32_t job_field(ango_job *job, const ango_str *name, ango_str *out) {
    const std::string &event = job->what->event;
    const std::string key = '"' + std::string(view(*name)) + "\":";
    const std::size_t at = event.find(key);
    if (at == std::string::npos) return ANGO_ABSENT;
    std::size_t end = at + key.size();
    for (int depth = 0; end < event.size(); ++end) {
        const char c = event[end];
        if (depth == 0 && (c == ',' || c == '}')) break;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
    }
    job->field = event.substr(at + key.size(), end - at - key.size());
    *out = str(job->field);
    return ANGO_OK;
}
std::int32_t job_config(ango_job *job, ango_str *out) {
    *out = str(job->what->config);
    return ANGO_OK;
}
std::uint32_t job_attempt(ango_job *) { return 1; }
std::int32_t job_checkpoint(ango_job *, ango_str *) { return ANGO_ABSENT; }
std::int32_t job_save_checkpoint(ango_job *, const ango_str *) { return ANGO_OK; }

// ---- ango.log, ango.cancel ----

void log_line(ango_job *job, std::uint32_t level, const ango_str *text) {
    job->outcome->log.emplace_back(level, std::string(view(*text)));
}
void log_progress(ango_job *job, std::uint64_t done, std::uint64_t total) {
    job->outcome->progress.emplace_back(done, total);
}
std::int32_t cancelled(ango_job *job) { return job->read > job->what->cancel_after; }
std::int32_t on_cancel(ango_job *, void (*)(void *), void *) { return ANGO_OK; }

// ---- ango.reader, ango.writer, ango.scratch ----

std::int32_t reader_next(ango_reader *reader, ango_asset *asset) {
    ango_job *job = reader->job;
    if (job->read == job->what->records.size()) return ANGO_END;
    const std::string &record = job->what->records[job->read++];
    asset->container = job->what->array ? ANGO_CONTAINER_ARRAY : ANGO_CONTAINER_NDJSON;
    asset->number = job->read;
    asset->offset = reader->offset + (job->what->array ? 1 : 0);
    asset->json = str(record);
    reader->offset += record.size() + 1;
    return ANGO_OK;
}

std::int32_t writer_open(ango_writer *writer, const ango_str *name) {
    const std::string entry(view(*name));
    if (entry.empty() || entry[0] == '/' || writer->outcome->entries.contains(entry)) return ANGO_INVALID;
    writer->open = &writer->outcome->entries[entry];
    return ANGO_OK;
}
std::int32_t writer_write(ango_writer *writer, const ango_str *bytes) {
    if (!writer->open) return ANGO_INVALID;
    writer->open->append(view(*bytes));
    return ANGO_OK;
}
std::int32_t writer_close(ango_writer *writer) {
    writer->open = nullptr;
    return ANGO_OK;
}

std::int32_t scratch_create(ango_job *job, ango_scratch_file **out) {
    job->scratch.push_back(std::make_unique<ango_scratch_file>());
    *out = job->scratch.back().get();
    return ANGO_OK;
}
std::int32_t scratch_write(ango_scratch_file *file, const ango_str *bytes) {
    if (file->reading) return ANGO_INVALID;
    file->bytes.append(view(*bytes));
    return ANGO_OK;
}
std::int32_t scratch_read(ango_scratch_file *file, char *buffer, std::uint64_t capacity, std::uint64_t *got) {
    file->reading = true;
    *got = std::min<std::uint64_t>(capacity, file->bytes.size() - file->read);
    std::memcpy(buffer, file->bytes.data() + file->read, *got);
    file->read += *got;
    return *got ? ANGO_OK : ANGO_END;
}

// ---- ango.http ----

std::int32_t http_get(ango_job *job, const ango_str *url, std::uint64_t limit, ango_str *out) {
    const std::string name(view(*url));
    job->outcome->fetched.push_back(name);
    const auto found = job->what->files.find(name);
    if (found == job->what->files.end()) {
        *out = str("there is no such file.");
        return ANGO_IO;
    }
    if (found->second.size() > limit) return ANGO_LIMIT;
    *out = str(found->second);
    return ANGO_OK;
}

// ---- ango.result, ango.failure ----

std::int32_t result_ignore(ango_job *, const ango_str *) { return ANGO_OK; }

void fail(ango_job *job, const ango_failure *failure) {
    Outcome *outcome = job ? job->outcome : creating;
    outcome->user_text = view(failure->user_text);
    outcome->operator_text = view(failure->operator_text);
}

const ango_job_v1 kJob{sizeof(ango_job_v1), 0,           job_event,      job_field,
                       job_config,          job_attempt, job_checkpoint, job_save_checkpoint};
const ango_log_v1 kLog{sizeof(ango_log_v1), 0, log_line, log_progress};
const ango_cancel_v1 kCancel{sizeof(ango_cancel_v1), 0, cancelled, on_cancel};
const ango_reader_v1 kReader{sizeof(ango_reader_v1), 0, reader_next};
const ango_writer_v1 kWriter{sizeof(ango_writer_v1), 0, writer_open, writer_write, writer_close};
const ango_scratch_v1 kScratch{sizeof(ango_scratch_v1), 0, scratch_create, scratch_write, scratch_read};
const ango_http_v1 kHttp{sizeof(ango_http_v1), 0, http_get};
const ango_result_v1 kResult{sizeof(ango_result_v1), 0, result_ignore, result_ignore, result_ignore};
const ango_failure_v1 kFailure{sizeof(ango_failure_v1), 0, fail};

const void *service(const ango_host *, const ango_str *name, std::uint32_t revision) {
    if (running->without.contains(view(*name))) return nullptr;
    const std::pair<std::string_view, const void *> tables[] = {
        {"ango.job", &kJob},       {"ango.log", &kLog},         {"ango.cancel", &kCancel},
        {"ango.reader", &kReader}, {"ango.writer", &kWriter},   {"ango.scratch", &kScratch},
        {"ango.result", &kResult}, {"ango.failure", &kFailure}, {"ango.http", &kHttp}};
    for (const auto &[known, table] : tables)
        if (known == view(*name) && revision == 1) return table;
    return nullptr;
}

const ango_host kHost{sizeof(ango_host), ANGO_ABI, nullptr, service};

} // namespace

bool Outcome::logged(std::uint32_t level, const std::string &text) const {
    return std::any_of(log.begin(), log.end(), [&](const auto &line) {
        return line.first == level && line.second.find(text) != std::string::npos;
    });
}

Outcome run(const Run &what) {
    Outcome outcome;
    creating = &outcome;
    const ango_module *module = ango_module_entry(ANGO_ABI);
    const ango_str settings = str(what.settings);
    ango_instance *instance = nullptr;
    running = &what;
    outcome.created = module->create(&kHost, &settings, &instance);
    if (outcome.created != ANGO_OK) return outcome;

    const ango_str table_name = str("ango.export");
    const auto *table = static_cast<const ango_export_v1 *>(module->table(&table_name, 1));
    ango_job job;
    job.what = &what;
    job.outcome = &outcome;
    ango_reader reader{&job, 0};
    ango_writer writer{&outcome, nullptr};
    outcome.status = table->convert(instance, &job, &reader, &writer);
    module->destroy(instance);
    return outcome;
}

RowsOutcome run(const Run &what, const Table &of) {
    RowsOutcome outcome;
    creating = &outcome;
    const ango_module *module = ango_module_entry(ANGO_ABI);
    const ango_str settings = str(what.settings);
    ango_instance *instance = nullptr;
    running = &what;
    outcome.created = module->create(&kHost, &settings, &instance);
    if (outcome.created != ANGO_OK) return outcome;

    const ango_str table_name = str("ango.markdown");
    const auto *table = static_cast<const ango_markdown_v1 *>(module->table(&table_name, 1));
    ango_job job;
    job.what = &what;
    job.outcome = &outcome;
    std::vector<ango_str> columns, cells(of.columns.size());
    for (const std::string &column : of.columns) columns.push_back(str(column));
    const ango_table info{sizeof(ango_table), 0, columns.data(), columns.size(), str(of.markdown)};
    void *state = nullptr;
    outcome.status = table->begin(instance, &job, &info, &state);
    for (std::uint64_t i = 0; i < of.rows.size() && outcome.status == ANGO_OK; ++i) {
        for (std::size_t j = 0; j < cells.size(); ++j) cells[j] = str(of.rows[i][j]);
        const ango_row row{sizeof(ango_row), 0, i, cells.data()};
        ango_row_asset asset{};
        asset.struct_size = sizeof asset;
        outcome.status = table->row(instance, &job, state, &row, &asset);
        outcome.assets.push_back({std::string(view(asset.data)), std::string(view(asset.external_id)),
                                  std::string(view(asset.batch)), std::string(view(asset.labels)), asset.skip != 0});
    }
    table->end(instance, &job, state);
    module->destroy(instance);
    return outcome;
}

std::vector<std::string> lines_of(const std::string &text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (line.find_first_not_of(" \t") != std::string::npos) lines.push_back(std::move(line));
        begin = end + 1;
    }
    return lines;
}

} // namespace fake_host
