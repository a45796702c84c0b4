package io.openme.testkit;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test class a {@link TestNetwork} as a parameter of its constructor or its methods; it is made when first asked
 * for, shared by the class, and removed after its last test.
 */
public final class TestNetworkExtension implements ParameterResolver {
    /** Registered with {@link org.junit.jupiter.api.extension.ExtendWith}. */
    public TestNetworkExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestNetwork.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // The store of the class, which closes what it holds after the class.
        ExtensionContext ofClass =
                context.getTestMethod().isPresent() ? context.getParent().orElse(context) : context;
        return ofClass.getStore(
                        ExtensionContext.Namespace.create(TestNetworkExtension.class, context.getRequiredTestClass()))
                .getOrComputeIfAbsent(TestNetwork.class, type -> TestNetwork.create(), TestNetwork.class);
    }
}
