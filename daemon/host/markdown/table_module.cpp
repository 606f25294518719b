#include "host/markdown/table_module.hpp"

#include "host/module/call_module.hpp"
#include "host/module/handles.hpp"
#include "host/module/module_log.hpp"

namespace angod::host {

namespace {

ango_str str(std::string_view text) { return {text.data(), text.size()}; }

} // namespace

TableModule::~TableModule() {
    const auto end = [&] {
        table_.end(instance_, &job_, state_);
        return ANGO_OK;
    };
    if (begun_ && table_.end) // the outcome of the job is decided, so an exception is only logged
        if (const auto ended = call_module("end", end); !ended) log_for_operator(LogLevel::error, ended.error().text);
    job_.job.cancel.on_cancel(nullptr);
}

std::int32_t TableModule::begin(const std::vector<std::string> &columns, std::string_view markdown) {
    for (const std::string &column : columns) columns_.push_back(str(column));
    cells_.resize(columns_.size());
    info_ = {sizeof(ango_table), 0, columns_.data(), columns_.size(), str(markdown)};
    if (!table_.begin) return ANGO_OK;
    begun_ = true;
    return call_module(job_, "begin", [&] { return table_.begin(instance_, &job_, &info_, &state_); });
}

std::int32_t TableModule::row(std::uint64_t number, const CsvRow &row, ango_row_asset &asset) {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] = str(row.cells[i]);
    const ango_row line{sizeof(ango_row), 0, number, cells_.data()};
    asset = {};
    asset.struct_size = sizeof asset;
    return call_module(job_, "row", [&] { return table_.row(instance_, &job_, state_, &line, &asset); });
}

} // namespace angod::host
