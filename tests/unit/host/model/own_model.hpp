// A model that is part of the test program and does what the test says.
#pragma once

#include "host/module/handles.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

/// One at a time.
struct OwnModel {
    /// Sets job.value or job.failure, and returns the status.
    using Predict = std::function<std::int32_t(ango_job &job, const ango_model_asset &asset)>;

    explicit OwnModel(Predict what) {
        predict = std::move(what);
        table.struct_size = sizeof table;
        table.predict = [](ango_instance *, ango_job *job, const ango_model_asset *asset) {
            return predict(*job, *asset);
        };
    }
    /// A model with the same answer for every asset.
    static OwnModel that_says(std::string answer) {
        return OwnModel([answer = std::move(answer)](ango_job &job, const ango_model_asset &) {
            job.value = answer;
            return ANGO_OK;
        });
    }
    static std::string_view view(const ango_str &text) { return {text.data, static_cast<std::size_t>(text.size)}; }

    ango_model_v1 table{};
    inline static Predict predict;
};
