//! Registers native functions together with what their description needs.

use rhai::{Dynamic, FnNamespace, FuncRegistration, Module, RhaiNativeFunc};

/// Adds a function: its name, its parameters as `name: Type` with the result last, and one sentence about it.
pub(crate) fn add<A: 'static, const N: usize, const X: bool, R, const F: bool, FUNC>(
    module: &mut Module,
    name: &str,
    signature: &[&str],
    sentence: &str,
    function: FUNC,
) where
    R: Clone + Send + Sync + 'static,
    FUNC: RhaiNativeFunc<A, N, X, R, F> + Send + Sync + 'static,
{
    FuncRegistration::new(name)
        .with_namespace(FnNamespace::Internal)
        .with_params_info(signature)
        .with_comments([format!("/// {sentence}")])
        .set_into_module(module, function);
}

/// An optional value as scripts have it: empty is `()`.
pub(crate) fn optional<T: Into<Dynamic>>(value: Option<T>) -> Dynamic {
    value.map_or(Dynamic::UNIT, Into::into)
}
