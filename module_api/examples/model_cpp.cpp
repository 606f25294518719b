// Kinds Model and Batch Model: the smallest model in C++. It draws one box on every asset, of the first class that the
// user mapped.
#include <ango/module.hpp>

struct OneBox : ango::Model {
    std::string predict(ango::Job &, const ango::ModelAsset &asset) override {
        const std::size_t at = asset.classes.find(R"("schemaId":")");
        if (at == std::string_view::npos) throw ango::Failure("Map a class of the project before you run this plugin.");
        const std::string_view id = asset.classes.substr(at + 12, asset.classes.find('"', at + 12) - at - 12);
        return R"({"objects":[{"schemaId":")" + std::string(id) +
               R"(","bounding-box":{"x":10,"y":10,"width":100,"height":50}}]})";
    }
};

ANGO_MODULE(OneBox, {.id = "model-cpp", .version = "1.0", .summary = "Draws one box on every asset"})
