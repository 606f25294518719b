// Measures a markdown run before its uploads: it reads the event, reads the CSV twice, and makes the module's text and the
// JSON of each upload. Prints rows, seconds, peak memory in kB, bytes of the event, bytes of JSON.
//   bench_markdown MODULE.so EVENT.json
#include "base/files.hpp"
#include "base/json.hpp"
#include "host/import/import_chunk.hpp"
#include "host/markdown/csv_table.hpp"
#include "host/markdown/html_text.hpp"
#include "host/markdown/table_module.hpp"
#include "host/markdown/table_survey.hpp"
#include "host/module/handles.hpp"
#include "host/module/loader.hpp"
#include "host/module/services.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

using namespace angod;
using namespace angod::host;

namespace {

template <class T> T value(Result<T> result) {
    if (result) return std::move(*result);
    fmt::print(stderr, "{}\n", result.error().text);
    std::exit(1);
}

void require(bool holds, const char *what) {
    if (holds) return;
    fmt::print(stderr, "{}\n", what);
    std::exit(1);
}

/// The peak memory of this program alone. The value of getrusage would include the process that started it.
std::uint64_t peak_kb() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6));
    return 0;
}

} // namespace

int main(int argc, char **argv) {
    require(argc == 3, "bench_markdown MODULE.so EVENT.json");
    const LoadedModule module = value(load_module(argv[1]));
    require(module.markdown_table != nullptr, "this is no markdown module");
    Job job;
    job.log = [](LogLevel, std::string_view text) { fmt::print(stderr, "{}\n", text); };
    job.config = "{}";
    job.limits.asset_bytes = std::uint64_t{256} << 20;
    job.event = value(files::read(argv[2], std::uint64_t{1} << 30));

    const auto start = std::chrono::steady_clock::now();
    job.members = value(json::members(job.event));
    const std::string_view input_file = job.field("inputFile").value_or("\"\"");
    const TableSurvey facts = value(survey_table(job, input_file));
    const std::string markdown = html_unescaped(job.text_field("markdownText"));

    const std::string settings = "{}";
    const ango_str given{settings.data(), settings.size()};
    ango_instance *instance = nullptr;
    require(module.descriptor->create(&host_table(), &given, &instance) == ANGO_OK, "create failed");
    ango_job handle(job);
    std::uint64_t json_bytes = 0;
    {
        TableModule rows(*module.markdown_table, instance, handle);
        require(rows.begin(facts.columns, markdown) == ANGO_OK, "begin failed");
        CsvTable csv(input_file, job.limits.asset_bytes);
        if (const auto opened = csv.open(); !opened) require(false, opened.error().text.c_str());
        ImportChunk chunk;
        CsvRow row;
        for (std::uint64_t number = 0; number < facts.rows; ++number) {
            require(value(csv.next(row)), "a row is missing");
            ango_row_asset made{};
            require(rows.row(number, row, made) == ANGO_OK, "row failed");
            NewAsset asset;
            asset.data.assign(made.data.data, made.data.size);
            asset.external_id = fmt::format("{:05}.md", number);
            if (facts.options.batch_column) asset.batches.emplace_back("0123456789abcdef01234567");
            chunk.add(std::move(asset));
            if (chunk.size() < facts.options.chunk && number + 1 < facts.rows) continue;
            json_bytes += chunk.import_json(chunk.wanted()).size();
            chunk.clear();
        }
    }
    module.descriptor->destroy(instance);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    fmt::print("{} {:.4f} {} {} {}\n", facts.rows, took.count(), peak_kb(), job.event.size(), json_bytes);
}
