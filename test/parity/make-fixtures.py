"""Writes fixtures/*.json: what PyTorch says, for parity.test.ts. Run by hand; the tests only read the files.

    python3 test/parity/make-fixtures.py

Everything is computed in float64 on one thread. Pictures are written channels last (N, H, W, C), filters (kh, kw, in, out) and
matrices (in, out), as in src/blocks; so the numbers are transposed on the way in and out. Filters of transposed
convolutions are (kh, kw, out, in).
"""
import contextlib
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(20)
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures')


def rounded(tensor, digits=9):
    return [float('%.*g' % (digits, x)) for x in tensor.detach().reshape(-1).tolist()]


def value(tensor):
    # What is given has nine digits and is written exactly; results keep three more.
    return {'shape': list(tensor.shape), 'data': rounded(tensor, 12)}


def given(tensor):
    # Rounded first, so that the file holds exactly what was computed with.
    return torch.tensor(rounded(tensor)).reshape(tensor.shape)


def random(*shape):
    return given(torch.randn(shape))


@contextlib.contextmanager
def own_numbers(seed):
    """A group of cases with a generator of its own, so that all others keep their numbers."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def write(name, content):
    with open(os.path.join(FOLDER, name + '.json'), 'w') as file:
        json.dump(content, file, separators=(',', ':'))
        file.write('\n')


def same_pad(x, size, stride, fill):
    """Rows and columns as TensorFlow adds them: the odd one behind. x is (N, C, H, W)."""
    pads = []
    for axis in (3, 2):
        length, k, s = x.shape[axis], size[axis - 2], stride[axis - 2]
        total = max((-(-length // s) - 1) * s + k - length, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=fill)


def first(x):
    return x.permute(0, 3, 1, 2)


def last(x):
    return x.permute(0, 2, 3, 1)


def dense(x, w, b=None):
    return F.linear(x, w.T, b)


def conv(x, w, b, stride, padding):
    x = first(x)
    if padding == 'same':
        x = same_pad(x, w.shape[:2], stride, 0.0)
    return last(F.conv2d(x, w.permute(3, 2, 0, 1), b, stride=stride))


def pool(x, kind, size, stride, padding):
    x = first(x)
    same = padding == 'same'
    if kind == 'max':
        return last(F.max_pool2d(same_pad(x, size, stride, float('-inf')) if same else x, size, stride))
    if not same:
        return last(F.avg_pool2d(x, size, stride))
    ones = torch.ones_like(x)
    total = F.avg_pool2d(same_pad(x, size, stride, 0.0), size, stride)
    return last(total / F.avg_pool2d(same_pad(ones, size, stride, 0.0), size, stride))


blocks = []
LOSSES = ('rms', 'crossEntropy', 'l1', 'huber', 'binaryCrossEntropy', 'kullbackLeibler', 'klGaussian')


def case(name, block, params, inputs, weights, function, buffers={}, mode='train'):
    """
    Forward values, and gradients of sum(r y) by every input and weight. The function gives y, or outputs by port, and then
    what the block keeps of `buffers`.
    """
    given = {**inputs, **weights}
    for tensor in given.values():
        tensor.requires_grad_(True)
    first = {key: value(tensor) for key, tensor in buffers.items()}
    y, kept = function(**given, **buffers), {}
    if buffers:
        y, kept = y
    if not isinstance(y, dict):
        y = {'loss' if block in LOSSES else 'y': y}
    r = {port: random(*tensor.shape) for port, tensor in y.items()}
    sum((r[port] * y[port]).sum() for port in y).backward()
    blocks.append({
        'name': name,
        'block': block,
        'params': params,
        'inputs': {key: value(tensor) for key, tensor in inputs.items()},
        'weights': {key: value(tensor) for key, tensor in weights.items()},
        'buffers': first,
        'mode': mode,
        'outputs': {port: value(tensor) for port, tensor in y.items()},
        'kept': {key: value(tensor) for key, tensor in kept.items()},
        'r': {port: value(tensor) for port, tensor in r.items()},
        # Indices of classes have none.
        'gradients': {key: value(torch.zeros_like(tensor) if tensor.grad is None else tensor.grad)
                      for key, tensor in given.items()},
    })


case('dense', 'dense', {'features': 4}, {'x': random(3, 5)}, {'weight': random(5, 4), 'bias': random(4)},
     lambda x, weight, bias: dense(x, weight, bias))
case('dense without bias on rows of rows', 'dense', {'features': 3, 'bias': False}, {'x': random(2, 3, 4)},
     {'weight': random(4, 3)}, lambda x, weight: dense(x, weight))

for kernel, stride, padding, shape, filters in [
        ((3, 3), (1, 1), 'valid', (2, 5, 6, 2), 3),
        ((3, 3), (1, 1), 'same', (2, 5, 4, 1), 2),
        ((2, 3), (2, 1), 'valid', (2, 5, 6, 2), 2),
        ((3, 2), (2, 3), 'same', (2, 6, 5, 2), 2),
        ((1, 1), (1, 1), 'valid', (2, 3, 3, 4), 3),
        ((5, 5), (2, 2), 'same', (2, 4, 4, 1), 2)]:
    params = {'filters': filters, 'kernel': kernel, 'stride': stride, 'padding': padding}
    weights = {'weight': random(*kernel, shape[3], filters), 'bias': random(filters)}
    case('conv2d ' + json.dumps(params), 'conv2d', params, {'x': random(*shape)}, weights,
         lambda x, weight, bias, stride=stride, padding=padding: conv(x, weight, bias, stride, padding))

for kind in ('max', 'average'):
    for size, stride, padding, shape in [
            ((2, 2), (2, 2), 'valid', (2, 4, 6, 3)),
            ((2, 2), (2, 2), 'valid', (2, 5, 5, 1)),
            ((3, 2), (1, 2), 'valid', (2, 5, 4, 2)),
            ((3, 3), (2, 2), 'same', (2, 4, 5, 2)),
            ((2, 3), (1, 1), 'same', (2, 3, 4, 1))]:
        params = {'kind': kind, 'size': size, 'stride': stride, 'padding': padding}
        case('pooling ' + json.dumps(params), 'pooling', params, {'x': given(random(*shape) - 1.0)}, {},
             lambda x, p=params: pool(x, p['kind'], p['size'], p['stride'], p['padding']))

case('flatten', 'flatten', {}, {'x': random(2, 3, 2, 2)}, {}, lambda x: x.flatten(1))
case('linear', 'linear', {}, {'x': random(2, 3)}, {}, lambda x: torch.nn.Identity()(x))
case('relu', 'relu', {}, {'x': random(4, 5)}, {}, lambda x: F.relu(x))
case('tanh', 'tanh', {}, {'x': given(2 * random(4, 5))}, {}, lambda x: torch.tanh(x))
case('sigmoid', 'sigmoid', {}, {'x': given(3 * random(4, 5))}, {}, lambda x: torch.sigmoid(x))
case('softmax', 'softmax', {}, {'x': given(3 * random(3, 4))}, {}, lambda x: F.softmax(x, -1))
case('softmax of rows of rows', 'softmax', {}, {'x': random(2, 3, 4)}, {}, lambda x: F.softmax(x, -1))
case('rms', 'rms', {}, {'prediction': random(4, 3), 'target': random(4, 3)}, {},
     lambda prediction, target: F.mse_loss(prediction, target))
case('rms half', 'rms', {'form': 'half'}, {'prediction': random(4, 1), 'target': random(4, 1)}, {},
     lambda prediction, target: 0.5 * F.mse_loss(prediction, target))


def shares(*shape):
    return given(F.softmax(torch.randn(shape), -1))


case('cross entropy of logits', 'crossEntropy', {'expects': 'logits'},
     {'prediction': given(4 * random(5, 3)), 'target': shares(5, 3)}, {},
     lambda prediction, target: F.cross_entropy(prediction, target))
case('cross entropy of logits, found by itself', 'crossEntropy', {},
     {'prediction': given(30 * random(4, 2)), 'target': torch.eye(2)[[0, 1, 1, 0]].clone()}, {},
     lambda prediction, target: F.cross_entropy(prediction, target))
case('cross entropy of probabilities', 'crossEntropy', {'expects': 'probabilities'},
     {'prediction': shares(4, 3), 'target': shares(4, 3)}, {},
     lambda prediction, target: -(target * torch.log(prediction)).sum(-1).mean())

for slope in (0.01, 0.3):
    case('leaky ReLU with slope %g' % slope, 'leakyRelu', {'slope': slope}, {'x': random(4, 5)}, {},
         lambda x, slope=slope: F.leaky_relu(x, slope))
for alpha in (1, 0.5):
    case('ELU with alpha %g' % alpha, 'elu', {'alpha': alpha}, {'x': given(2 * random(4, 5))}, {},
         lambda x, alpha=alpha: F.elu(x, alpha))
case('ELU, also at exactly 0', 'elu', {'alpha': 0.5}, {'x': torch.tensor([[0.0, -1.0], [2.0, 0.0]])}, {},
     lambda x: F.elu(x, 0.5))
for beta in (1, 2):
    # The threshold is where PyTorch takes the identity instead; not within these numbers.
    case('softplus with beta %g' % beta, 'softplus', {'beta': beta}, {'x': given(3 * random(4, 5))}, {},
         lambda x, beta=beta: F.softplus(x, beta, threshold=1000))
case('softplus, also at exactly 0', 'softplus', {}, {'x': torch.tensor([[0.0, -1.0], [2.0, 0.0]])}, {},
     lambda x: F.softplus(x))
case('SiLU', 'swish', {}, {'x': given(3 * random(4, 5))}, {}, lambda x: F.silu(x))
case('PReLU with one slope', 'prelu', {}, {'x': random(4, 5)}, {'slope': random(1)}, lambda x, slope: F.prelu(x, slope))
case('PReLU with a slope for each feature', 'prelu', {'slopes': 'channel'}, {'x': random(4, 5)}, {'slope': random(5)},
     lambda x, slope: F.prelu(x, slope))
case('PReLU with a slope for each channel of a picture', 'prelu', {'slopes': 'channel'}, {'x': random(2, 3, 4, 3)},
     {'slope': random(3)}, lambda x, slope: last(F.prelu(first(x), slope)))
case('GELU by tanh', 'gelu', {'form': 'tanh'}, {'x': given(2 * random(4, 5))}, {}, lambda x: F.gelu(x, approximate='tanh'))

for params, shape in [
        ({'filters': 3, 'kernel': (3, 3), 'stride': (2, 2), 'padding': (1, 1), 'outputPadding': (1, 1)}, (2, 3, 4, 2)),
        ({'filters': 2, 'kernel': (2, 3), 'stride': (3, 1), 'padding': (0, 1), 'outputPadding': (2, 0)}, (2, 3, 4, 3)),
        ({'filters': 4, 'kernel': (4, 3), 'stride': (1, 2), 'padding': (1, 0), 'outputPadding': (0, 0)}, (2, 4, 2, 1)),
        ({'filters': 2, 'kernel': (2, 2), 'stride': (2, 2), 'padding': (0, 0), 'outputPadding': (0, 0), 'bias': False},
         (2, 2, 3, 2))]:
    weights = {'weight': random(*params['kernel'], params['filters'], shape[3])}
    if params.get('bias', True):
        weights['bias'] = random(params['filters'])
    case('upconv2d ' + json.dumps(params), 'upconv2d', params, {'x': random(*shape)}, weights,
         lambda x, weight, bias=None, p=params: last(F.conv_transpose2d(
             first(x), weight.permute(3, 2, 0, 1), bias, p['stride'], p['padding'], p['outputPadding'])))

case('layer norm', 'layerNorm', {}, {'x': given(3 * random(4, 6) + 1)}, {'scale': random(6), 'shift': random(6)},
     lambda x, scale, shift: F.layer_norm(x, (6,), scale, shift, 1e-5))
case('layer norm of pictures', 'layerNorm', {'epsilon': 0.01}, {'x': random(2, 2, 3, 4)},
     {'scale': random(4), 'shift': random(4)}, lambda x, scale, shift: F.layer_norm(x, (4,), scale, shift, 0.01))
case('add', 'add', {}, {'a': random(3, 4), 'b': random(3, 4)}, {}, lambda a, b: torch.add(a, b))
case('multiply', 'multiply', {}, {'a': random(3, 4), 'b': random(3, 4)}, {}, lambda a, b: torch.mul(a, b))

case('L1', 'l1', {}, {'prediction': random(4, 3), 'target': random(4, 3)}, {},
     lambda prediction, target: F.l1_loss(prediction, target))
for delta in (1, 0.5):
    case('Huber with delta %g' % delta, 'huber', {'delta': delta},
         {'prediction': random(5, 3), 'target': random(5, 3)}, {},
         lambda prediction, target, delta=delta: F.huber_loss(prediction, target, delta=delta))


def chances(*shape):
    return given(torch.rand(shape) * 0.9 + 0.05)


def surprise(prediction, target):
    # PyTorch's function has no gradient by the target; written out it has, and the same value.
    loss = -(target * torch.log(prediction) + (1 - target) * torch.log(1 - prediction)).mean()
    assert abs(loss - F.binary_cross_entropy(prediction, target.detach())) < 1e-14
    return loss


case('binary cross entropy of logits', 'binaryCrossEntropy', {'expects': 'logits'},
     {'prediction': given(4 * random(5, 3)), 'target': chances(5, 3)}, {},
     lambda prediction, target: F.binary_cross_entropy_with_logits(prediction, target))
case('binary cross entropy of logits, found by itself', 'binaryCrossEntropy', {},
     {'prediction': given(30 * random(4, 2)),
      'target': torch.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])}, {},
     lambda prediction, target: F.binary_cross_entropy_with_logits(prediction, target))
case('binary cross entropy of probabilities', 'binaryCrossEntropy', {'expects': 'probabilities'},
     {'prediction': given(torch.sigmoid(2 * random(4, 3))), 'target': torch.randint(0, 2, (4, 3)).double()}, {},
     lambda prediction, target: surprise(prediction, target))

# Losses, functions, normalisation, embedding and attention
with own_numbers(41):
    def sure(count, classes):
        return torch.randint(0, classes, (count,)).double()

    for params, torch_params in [
            ({'smoothing': 0.1}, {'label_smoothing': 0.1}),
            ({'classWeights': [0.5, 2, 1.25, 0]}, {'weight': torch.tensor([0.5, 2, 1.25, 0])}),
            ({'smoothing': 0.3, 'classWeights': [1, 3, 0.5, 2]},
             {'label_smoothing': 0.3, 'weight': torch.tensor([1, 3, 0.5, 2.0])})]:
        def cross_entropy(prediction, target, p=torch_params):
            return F.cross_entropy(prediction, target.detach().long(), **p)
        name, logits = 'cross entropy ' + json.dumps(params), given(3 * random(6, 4))
        case(name + ' of class indices', 'crossEntropy', params,
             {'prediction': logits.clone(), 'target': torch.tensor([0.0, 1, 2, 1, 0, 2])}, {}, cross_entropy)
        case(name + ' of class indices in a column', 'crossEntropy', params,
             {'prediction': logits.clone(), 'target': torch.tensor([[0.0], [1], [2], [1], [0], [2]])}, {},
             lambda prediction, target: cross_entropy(prediction, target[:, 0]))
    case('cross entropy of a sequence', 'crossEntropy', {}, {'prediction': random(2, 5, 3), 'target': shares(2, 5, 3)}, {},
         lambda prediction, target: F.cross_entropy(prediction.transpose(1, 2), target.transpose(1, 2)))
    case('cross entropy of pixels by class index, smoothed and weighted', 'crossEntropy',
         {'smoothing': 0.2, 'classWeights': [1, 2, 0.25]},
         {'prediction': random(2, 3, 2, 3), 'target': given(sure(12, 3).reshape(2, 3, 2))}, {},
         lambda prediction, target: F.cross_entropy(prediction.permute(0, 3, 1, 2), target.detach().long(),
                                                    torch.tensor([1, 2, 0.25]), label_smoothing=0.2))
    case('cross entropy of shares, smoothed', 'crossEntropy', {'smoothing': 0.25},
         {'prediction': random(4, 3), 'target': shares(4, 3)}, {},
         lambda prediction, target: F.cross_entropy(prediction, target, label_smoothing=0.25))

    def weighted_yes(prediction, target, weight):
        loss = -(weight * target * F.logsigmoid(prediction) + (1 - target) * F.logsigmoid(-prediction)).mean()
        assert abs(loss - F.binary_cross_entropy_with_logits(prediction, target.detach(), pos_weight=weight)) < 1e-14
        return loss

    for weight, shape in [([3], (5, 3)), ([0.5, 2, 4], (4, 3)), ([0.25, 3], (2, 3, 2))]:
        case('binary cross entropy of logits, yes weighing ' + json.dumps(weight), 'binaryCrossEntropy',
             {'positiveWeight': weight}, {'prediction': given(4 * random(*shape)), 'target': chances(*shape)}, {},
             lambda prediction, target, w=torch.tensor(weight, dtype=torch.float64): weighted_yes(prediction, target, w))
    case('binary cross entropy of probabilities, yes weighing more', 'binaryCrossEntropy',
         {'expects': 'probabilities', 'positiveWeight': [2.5]},
         {'prediction': chances(4, 3), 'target': torch.randint(0, 2, (4, 3)).double()}, {},
         lambda prediction, target: weighted_yes(torch.logit(prediction), target, torch.tensor(2.5)))

    for expects, prediction in [('logits', given(2 * random(5, 4))), ('probabilities', shares(5, 4)), ('logits', random(2, 3, 4))]:
        case('Kullback-Leibler of %s %s' % (expects, list(prediction.shape)), 'kullbackLeibler', {'expects': expects},
             {'prediction': prediction, 'target': shares(*prediction.shape)}, {},
             lambda prediction, target, e=expects: F.kl_div(
                 F.log_softmax(prediction, -1) if e == 'logits' else prediction.log(), target, reduction='batchmean'))

    def kl_gaussian(mean, logVariance):
        normal = torch.distributions.Normal
        one, other = normal(mean, (logVariance / 2).exp()), normal(torch.zeros(()), torch.ones(()))
        return torch.distributions.kl_divergence(one, other).sum() / mean.shape[0]

    for shape in [(4, 3), (2, 3, 2)]:
        case('KL to normal %s' % (shape,), 'klGaussian', {}, {'mean': random(*shape), 'logVariance': given(2 * random(*shape))},
             {}, kl_gaussian)

    case('linear with a factor', 'linear', {'factor': -1.5}, {'x': random(3, 2)}, {}, lambda x: -1.5 * x)
    case('GELU', 'gelu', {}, {'x': given(2 * random(5, 6))}, {}, lambda x: F.gelu(x))
    case('GELU far out', 'gelu', {}, {'x': torch.tensor([[-9.0, -5.5, -1.5, -0.01], [0.0, 0.02, 3.5, 9.25]])}, {},
         lambda x: F.gelu(x))
    case('swish with a learned beta', 'swish', {'learned': True, 'beta': 2}, {'x': random(3, 4)}, {'beta': random(1)},
         lambda x, beta: x * torch.sigmoid(beta * x))
    case('softmax along the channels before', 'softmax', {'axis': 1}, {'x': random(2, 3, 4)}, {}, lambda x: F.softmax(x, 1))
    case('softmax with temperature', 'softmax', {'axis': 2, 'temperature': 0.5}, {'x': random(2, 2, 3, 2)}, {},
         lambda x: F.softmax(x / 0.5, 2))

    def norm_weights(channels):
        return {'scale': random(channels), 'shift': random(channels)}

    def channels_second(function):
        return lambda x, *rest: function(x.movedim(-1, 1), *rest).movedim(1, -1)

    for groups, shape in [(1, (2, 4)), (2, (3, 5, 4)), (3, (2, 2, 3, 6)), (4, (2, 3, 2, 4))]:
        case('group norm of %d groups %s' % (groups, shape), 'groupNorm', {'groups': groups},
             {'x': given(2 * random(*shape) + 1)}, norm_weights(shape[-1]),
             lambda x, scale, shift, n=groups: channels_second(lambda x: F.group_norm(x, n, scale, shift, 1e-5))(x))
    case('group norm without scale and shift', 'groupNorm', {'groups': 2, 'affine': False, 'epsilon': 0.1},
         {'x': random(2, 3, 4)}, {}, channels_second(lambda x: F.group_norm(x, 2, eps=0.1)))
    case('instance norm', 'groupNorm', {'groups': 3}, {'x': random(2, 4, 5, 3)}, norm_weights(3),
         lambda x, scale, shift: channels_second(lambda x: F.instance_norm(x, weight=scale, bias=shift))(x))
    case('layer norm without scale and shift', 'layerNorm', {'affine': False}, {'x': random(3, 5)}, {},
         lambda x: F.layer_norm(x, (5,)))

    def batch_norm(momentum, epsilon, training):
        def function(x, runningMean, runningVariance, scale=None, shift=None):
            mean, variance = runningMean.clone(), runningVariance.clone()
            y = F.batch_norm(x.movedim(-1, 1), mean, variance, scale, shift, training, momentum, epsilon).movedim(1, -1)
            return y, {'runningMean': mean, 'runningVariance': variance} if training else {}
        return function

    for params, shape in [({}, (5, 3)), ({'momentum': 0.3, 'epsilon': 0.01}, (2, 4, 2)), ({}, (2, 3, 4, 3)),
                          ({'affine': False}, (4, 2))]:
        for mode in ('train', 'evaluate'):
            channels = shape[-1]
            case('batch norm %s %s, %s' % (json.dumps(params), shape, mode), 'batchNorm', params,
                 {'x': given(3 * random(*shape) + 1)}, norm_weights(channels) if params.get('affine', True) else {},
                 batch_norm(params.get('momentum', 0.1), params.get('epsilon', 1e-5), mode == 'train'),
                 {'runningMean': random(channels), 'runningVariance': given(torch.rand(channels) + 0.5)}, mode)

    for shape in [(3,), (2, 4), (2, 2, 3)]:
        case('embedding %s' % (shape,), 'embedding', {'rows': 6, 'features': 3},
             {'x': torch.randint(0, 6, shape).double()}, {'weight': random(6, 3)},
             lambda x, weight: F.embedding(x.detach().long(), weight))

    def attention(x, context, heads, causal, w):
        width = x.shape[-1]
        module = torch.nn.MultiheadAttention(width, heads, bias='query.bias' in w, batch_first=True,
                                             kdim=context.shape[-1], vdim=context.shape[-1])
        module._qkv_same_embed_dim = False
        projections = [w[name + '.weight'].T for name in ('query', 'key', 'value')]
        biases = torch.cat([w[name + '.bias'] for name in ('query', 'key', 'value')]) if 'query.bias' in w else None
        mask = torch.ones(x.shape[1], context.shape[1]).triu(1).bool() if causal else None
        y, _ = F.multi_head_attention_forward(
            x.transpose(0, 1), context.transpose(0, 1), context.transpose(0, 1), width, heads, None, biases, None, None,
            False, 0.0, w['output.weight'].T, w.get('output.bias'), attn_mask=mask, use_separate_proj_weight=True,
            q_proj_weight=projections[0], k_proj_weight=projections[1], v_proj_weight=projections[2])
        return y.transpose(0, 1)

    for params, shape, other in [
            ({}, (2, 3, 4), None),
            ({'heads': 2, 'causal': True}, (2, 5, 6), None),
            ({'heads': 3, 'bias': False}, (3, 4, 6), None),
            ({'heads': 2}, (2, 3, 4), (2, 5, 3)),
            ({'heads': 1, 'causal': True}, (2, 4, 4), (2, 4, 2))]:
        features = shape[2]
        source = other[2] if other else features
        weights = {}
        for projection, size in [('query', features), ('key', source), ('value', source), ('output', features)]:
            weights[projection + '.weight'] = given(random(size, features) / size ** 0.5)
            if params.get('bias', True):
                weights[projection + '.bias'] = given(0.3 * random(features))
        case('attention ' + json.dumps([params, shape, other]), 'attention', params,
             {'x': random(*shape), **({'context': random(*other)} if other else {})}, weights,
             lambda x, context=None, p=params, **w: attention(
                 x, x if context is None else context, p.get('heads', 1), p.get('causal', False), w))

    for time, features in [(3, 4), (40, 7)]:
        steps, columns = torch.arange(time).double()[:, None], torch.arange(features)
        angle = steps / 10000 ** (2 * (columns // 2).double() / features)
        pattern = torch.where(columns % 2 == 0, angle.sin(), angle.cos())
        case('positional encoding %s' % ((time, features),), 'positional', {}, {'x': random(2, time, features)}, {},
             lambda x, pattern=pattern: x + pattern)
    case('learned positional encoding', 'positional', {'kind': 'learned'}, {'x': random(3, 4, 2)}, {'weight': random(4, 2)},
         lambda x, weight: x + weight)

    case('latent', 'latent', {'size': 3}, {'x': random(4, 5)},
         {'mean.weight': random(5, 3), 'mean.bias': random(3), 'logVariance.weight': random(5, 3),
          'logVariance.bias': random(3)},
         lambda x, **w: {head: dense(x, w[head + '.weight'], w[head + '.bias']) for head in ('mean', 'logVariance')})

    def deep_heads(x, w):
        def head(name):
            hidden = torch.tanh(dense(x, w[name + 'Hidden.weight'], w[name + 'Hidden.bias']))
            return dense(hidden, w[name + '.weight'], w[name + '.bias'])
        return {'mean': head('mean'), 'logVariance': F.softplus(head('logVariance')).log()}

    heads = {}
    for head in ('mean', 'logVariance'):
        heads[head + 'Hidden.weight'], heads[head + 'Hidden.bias'] = random(4, 6), random(6)
        heads[head + '.weight'], heads[head + '.bias'] = random(6, 2), random(2)
    case('latent with hidden layers and a softplus', 'latent', {'hidden': 6, 'form': 'softplus'}, {'x': random(2, 3, 4)}, heads,
         lambda x, **w: deep_heads(x, w))

    # Running statistics after ten steps, and what an evaluation then makes of another batch.
    runs = []
    for momentum, shape in [(0.1, (6, 3)), (0.25, (2, 4, 3, 2))]:
        channels = shape[-1]
        norm = (torch.nn.BatchNorm1d if len(shape) == 2 else torch.nn.BatchNorm2d)(channels, momentum=momentum)
        batches = [given(random(*shape) * (1 + 0.2 * step) + step) for step in range(10)]
        for batch in batches:
            norm(batch.movedim(-1, 1))
        other = random(*shape)
        runs.append({
            'momentum': momentum, 'shape': shape, 'batches': [value(batch) for batch in batches],
            'runningMean': value(norm.running_mean), 'runningVariance': value(norm.running_var), 'other': value(other),
            'evaluated': value(norm.eval()(other.movedim(-1, 1)).movedim(1, -1))})
    write('batch-norm', runs)

# Convolutions, pooling and layout
with own_numbers(31):
    def conv_case(name, params, shape):
        """Conv2D and Depthwise Conv2D: all that their fields can say."""
        kernel, stride, dilation = params['kernel'], params.get('stride', (1, 1)), params.get('dilation', (1, 1))
        groups = shape[3] if name == 'depthwiseConv2d' else params.get('groups', 1)
        filters = params['filters'] if name == 'conv2d' else shape[3] * params['multiplier']
        weights = {'weight': random(*kernel, shape[3] // groups, filters)}
        if params.get('bias', True):
            weights['bias'] = random(filters)

        def function(x, weight, bias=None):
            x, amount = first(x), 0
            if params['padding'] == 'same':
                x = same_pad(x, [d * (k - 1) + 1 for k, d in zip(kernel, dilation)], stride, 0.0)
            if params['padding'] == 'explicit':
                amount = params['paddingAmount']
            return last(F.conv2d(x, weight.permute(3, 2, 0, 1), bias, stride, amount, dilation, groups))
        case(name + ' ' + json.dumps(params), name, params, {'x': random(*shape)}, weights, function)

    conv_case('conv2d', {'filters': 3, 'kernel': (3, 2), 'stride': (2, 1), 'dilation': (1, 2), 'padding': 'explicit',
                         'paddingAmount': (2, 1)}, (2, 5, 6, 2))
    conv_case('conv2d', {'filters': 6, 'kernel': (2, 3), 'groups': 2, 'padding': 'valid'}, (2, 4, 5, 4))
    conv_case('conv2d', {'filters': 3, 'kernel': (3, 3), 'groups': 3, 'dilation': (2, 1), 'padding': 'same', 'bias': False},
              (2, 5, 4, 3))
    conv_case('conv2d', {'filters': 4, 'kernel': (2, 2), 'stride': (3, 2), 'groups': 2, 'dilation': (3, 2),
                         'padding': 'explicit', 'paddingAmount': (0, 3)}, (3, 7, 6, 2))
    conv_case('depthwiseConv2d', {'multiplier': 1, 'kernel': (3, 3), 'padding': 'same'}, (2, 4, 5, 3))
    conv_case('depthwiseConv2d', {'multiplier': 2, 'kernel': (2, 3), 'stride': (2, 1), 'padding': 'valid'}, (2, 5, 4, 3))
    conv_case('depthwiseConv2d', {'multiplier': 3, 'kernel': (3, 2), 'stride': (1, 2), 'dilation': (2, 3),
                                  'padding': 'explicit', 'paddingAmount': (1, 2), 'bias': False}, (2, 6, 5, 2))

    def conv1d(x, weight, bias, p):
        reach = p.get('dilation', 1) * (p['kernel'] - 1) + 1
        x, stride, amount = x.transpose(1, 2), p.get('stride', 1), 0
        if p['padding'] == 'causal':
            x = F.pad(x, (reach - 1, 0))
        if p['padding'] == 'same':
            total = max((-(-x.shape[2] // stride) - 1) * stride + reach - x.shape[2], 0)
            x = F.pad(x, (total // 2, total - total // 2))
        if p['padding'] == 'explicit':
            amount = p['paddingAmount']
        return F.conv1d(x, weight.permute(2, 1, 0), bias, stride, amount, p.get('dilation', 1),
                        p.get('groups', 1)).transpose(1, 2)

    for params, shape in [
            ({'filters': 4, 'kernel': 3, 'padding': 'valid'}, (2, 7, 3)),
            ({'filters': 2, 'kernel': 4, 'stride': 2, 'padding': 'same'}, (3, 7, 2)),
            ({'filters': 4, 'kernel': 2, 'dilation': 3, 'groups': 2, 'padding': 'causal'}, (2, 6, 2)),
            ({'filters': 3, 'kernel': 3, 'stride': 2, 'dilation': 2, 'groups': 3, 'padding': 'explicit', 'paddingAmount': 3,
              'bias': False}, (2, 5, 3))]:
        weights = {'weight': random(params['kernel'], shape[2] // params.get('groups', 1), params['filters'])}
        if params.get('bias', True):
            weights['bias'] = random(params['filters'])
        case('conv1d ' + json.dumps(params), 'conv1d', params, {'x': random(*shape)}, weights,
             lambda x, weight, bias=None, p=params: conv1d(x, weight, bias, p))

    for params, shape in [
            ({'filters': 4, 'kernel': (3, 2), 'stride': (2, 3), 'padding': (1, 0), 'outputPadding': (1, 2), 'dilation': (2, 1),
              'groups': 2}, (2, 3, 2, 2)),
            ({'filters': 3, 'kernel': (2, 3), 'stride': (1, 1), 'padding': (2, 0), 'outputPadding': (2, 1), 'dilation': (3, 2),
              'groups': 3}, (2, 4, 3, 6)),
            ({'filters': 2, 'kernel': (3, 3), 'stride': (2, 1), 'padding': (1, 1), 'outputPadding': (3, 3), 'dilation': (4, 4),
              'groups': 1, 'bias': False}, (2, 2, 3, 1))]:
        weights = {'weight': random(*params['kernel'], params['filters'] // params['groups'], shape[3])}
        if params.get('bias', True):
            weights['bias'] = random(params['filters'])
        case('upconv2d ' + json.dumps(params), 'upconv2d', params, {'x': random(*shape)}, weights,
             lambda x, weight, bias=None, p=params: last(F.conv_transpose2d(
                 first(x), weight.permute(3, 2, 0, 1), bias, p['stride'], p['padding'], p['outputPadding'], p['groups'],
                 p['dilation'])))

    for size, stride, amount, shape in [
            ((3, 2), (2, 1), (1, 1), (2, 5, 4, 2)),
            ((4, 3), (0, 0), (2, 0), (2, 5, 7, 1)),
            ((2, 2), (3, 1), (0, 1), (3, 6, 3, 2))]:
        params = {'size': size, 'stride': stride, 'padding': 'explicit', 'paddingAmount': amount}
        step = [s or k for s, k in zip(stride, size)]
        case('pooling ' + json.dumps(params), 'pooling', {'kind': 'max', **params}, {'x': given(random(*shape) - 2.0)}, {},
             lambda x: last(F.max_pool2d(first(x), size, step, amount)))
        for count in (True, False):
            case('pooling, counting padding: %s ' % count + json.dumps(params), 'pooling',
                 {'kind': 'average', **params, 'countPadding': count}, {'x': random(*shape)}, {},
                 lambda x: last(F.avg_pool2d(first(x), size, step, amount, count_include_pad=count)))

    for params, shape in [
            ({'size': 2, 'stride': 2}, (2, 7, 3)),
            ({'size': 3, 'stride': 0}, (2, 8, 2)),
            ({'size': 3, 'stride': 2, 'padding': 'explicit', 'paddingAmount': 1}, (3, 6, 2))]:
        step, amount = params['stride'] or params['size'], params.get('paddingAmount', 0)
        case('pooling1d ' + json.dumps(params), 'pooling1d', {'kind': 'max', **params}, {'x': given(random(*shape) - 2.0)},
             {}, lambda x: F.max_pool1d(x.transpose(1, 2), params['size'], step, amount).transpose(1, 2))
        for count in (True, False):
            case('pooling1d, counting padding: %s ' % count + json.dumps(params), 'pooling1d',
                 {'kind': 'average', **params, 'countPadding': count}, {'x': random(*shape)}, {},
                 lambda x: F.avg_pool1d(x.transpose(1, 2), params['size'], step, amount,
                                        count_include_pad=count).transpose(1, 2))

    case('global average pooling', 'globalPooling', {}, {'x': random(2, 3, 5, 4)}, {}, lambda x: x.mean((1, 2)))
    case('global average pooling over time', 'globalPooling', {'kind': 'average'}, {'x': random(3, 5, 2)}, {},
         lambda x: x.mean(1))
    case('global max pooling', 'globalPooling', {'kind': 'max'}, {'x': given(random(2, 3, 5, 4) - 3.0)}, {},
         lambda x: F.adaptive_max_pool2d(first(x), 1).flatten(1))

    for size, shape in [((2, 3), (2, 5, 7, 2)), ((3, 2), (2, 6, 4, 1)), ((4, 5), (2, 3, 2, 2)), ((1, 4), (3, 4, 10, 1))]:
        case('adaptive average pooling to %d x %d' % size, 'adaptivePooling', {'kind': 'average', 'size': size},
             {'x': random(*shape)}, {}, lambda x: last(F.adaptive_avg_pool2d(first(x), size)))
        case('adaptive max pooling to %d x %d' % size, 'adaptivePooling', {'kind': 'max', 'size': size},
             {'x': given(random(*shape) - 2.0)}, {}, lambda x: last(F.adaptive_max_pool2d(first(x), size)))
    ties = torch.tensor([[0, 2, 2], [2, 0, 1], [1, 2, 2]]).double().reshape(1, 3, 3, 1).repeat(2, 1, 1, 1)
    case('adaptive max pooling of equal values', 'adaptivePooling', {'kind': 'max', 'size': (2, 2)}, {'x': ties}, {},
         lambda x: last(F.adaptive_max_pool2d(first(x), (2, 2))))

    for factor, shape in [((2, 2), (2, 3, 4, 2)), ((3, 1), (2, 2, 5, 1)), ((4, 5), (2, 1, 3, 2))]:
        case('nearest upsampling by %d x %d' % factor, 'upsampling', {'factor': factor}, {'x': random(*shape)}, {},
             lambda x: last(F.interpolate(first(x), scale_factor=factor, mode='nearest')))
        case('bilinear upsampling by %d x %d' % factor, 'upsampling', {'factor': factor, 'method': 'bilinear'},
             {'x': random(*shape)}, {},
             lambda x: last(F.interpolate(first(x), scale_factor=factor, mode='bilinear', align_corners=False)))

    case('padding', 'padding', {'top': 1, 'bottom': 2, 'left': 0, 'right': 3, 'value': 0.5}, {'x': random(2, 3, 2, 2)}, {},
         lambda x: last(F.pad(first(x), (0, 3, 1, 2), value=0.5)))
    case('reshape', 'reshape', {'shape': (4, -1)}, {'x': random(2, 3, 2, 4)}, {}, lambda x: x.reshape(2, 4, 6))
    case('permute', 'permute', {'order': (3, 1, 2)}, {'x': random(2, 3, 2, 4)}, {}, lambda x: x.permute(0, 3, 1, 2))
    case('concat', 'concat', {}, {'a': random(2, 3), 'b': random(2, 4)}, {}, lambda a, b: torch.cat([a, b], -1))
    case('concat of three along the height', 'concat', {'axis': 1},
         {'a': random(2, 3, 2, 2), 'b': random(2, 1, 2, 2), 'c': random(2, 2, 2, 2)}, {},
         lambda a, b, c: torch.cat([a, b, c], 1))
    case('concat of four', 'concat', {}, {'a': random(2, 3, 1), 'b': random(2, 3, 2), 'c': random(2, 3, 3), 'd': random(2, 3, 1)},
         {}, lambda a, b, c, d: torch.cat([a, b, c, d], 2))
    case('add of four', 'add', {}, {port: random(3, 2) for port in 'abcd'}, {}, lambda a, b, c, d: a + b + c + d)
    case('multiply of three', 'multiply', {}, {port: random(3, 2) for port in 'abc'}, {}, lambda a, b, c: a * b * c)



def recurrent(kind, p, x, w, **kwargs):
    """torch.nn's module of that kind on weights of our layout: (in, gates), one bias, directions and layers by name."""
    hidden, layers, both = p['hidden'], p.get('layers', 1), p.get('bidirectional', False)
    module = getattr(torch.nn, kind)(x.shape[2], hidden, layers, batch_first=True, bidirectional=both, **kwargs)
    own = []
    for layer in range(layers):
        for reverse in (False, True)[:1 + both]:
            name = ('layer%d.' % (layer + 1) if layer else '') + ('reverse.' if reverse else '')
            none = torch.zeros(w[name + 'recurrentWeight'].shape[1])
            own += [w[name + 'inputWeight'].T, w[name + 'recurrentWeight'].T, w.get(name + 'bias', none),
                    w.get(name + 'recurrentBias', none)]
    # The module computes with this list, and gradients flow to what it holds.
    module._flat_weights = own
    first = [w[port].reshape(x.shape[0], -1, hidden).transpose(0, 1).contiguous() for port in ('h0', 'c0') if port in w]
    given = (x, first[0] if len(first) == 1 else tuple(first)) if first else (x,)
    sequence, states = module(*given)
    states = dict(zip('hc', states if kind == 'LSTM' else (states,)))
    ends = torch.cat(list(states['h'][-(1 + both):]), -1)
    flat = {port: state.transpose(0, 1).reshape(x.shape[0], -1) for port, state in states.items()}
    return {'y': sequence if p.get('output') == 'sequence' else ends, **flat}


with own_numbers(71):
    for block, kind, gates in (('rnn', 'RNN', 1), ('lstm', 'LSTM', 4), ('gru', 'GRU', 3)):
        for params, (batch, time, features), ports in [
                ({'hidden': 3}, (2, 4, 2), False),
                ({'hidden': 2, 'output': 'sequence'}, (3, 5, 1), True),
                ({'hidden': 2, 'bidirectional': True}, (2, 3, 3), True),
                ({'hidden': 3, 'layers': 2, 'output': 'sequence', 'bias': False}, (2, 6, 2), False),
                ({'hidden': 2, 'layers': 2, 'output': 'sequence', 'bidirectional': True}, (2, 3, 2), True),
                ({'hidden': 4}, (2, 1, 3), True)]:
            hidden, both, layers = params['hidden'], params.get('bidirectional', False), params.get('layers', 1)
            weights = {}
            for layer in range(layers):
                for reverse in (False, True)[:1 + both]:
                    name = ('layer%d.' % (layer + 1) if layer else '') + ('reverse.' if reverse else '')
                    size = features if layer == 0 else hidden * (1 + both)
                    weights[name + 'inputWeight'] = random(size, gates * hidden)
                    weights[name + 'recurrentWeight'] = random(hidden, gates * hidden)
                    if params.get('bias', True):
                        weights[name + 'bias'] = random(gates * hidden)
                        if kind == 'GRU':
                            weights[name + 'recurrentBias'] = random(gates * hidden)
            inputs = {'x': random(batch, time, features)}
            for port in ('h0', 'c0')[:2 if kind == 'LSTM' else 1]:
                if ports:
                    inputs[port] = random(batch, layers * (1 + both) * hidden)
            case('%s %s%s' % (block, json.dumps(params), ' from a state' if ports else ''), block, params, inputs, weights,
                 lambda x, **w: recurrent(kind, params, x, w))
    case('rnn with relu', 'rnn', {'hidden': 3, 'activation': 'relu'}, {'x': random(2, 4, 2)},
         {'inputWeight': random(2, 3), 'recurrentWeight': random(3, 3), 'bias': random(3)},
         lambda x, **w: recurrent('RNN', {'hidden': 3}, x, w, nonlinearity='relu'))

write('blocks', blocks)


# Ten steps of training, batch by batch.

def mlp(x, w):
    h = torch.tanh(dense(x, w['h.weight'], w['h.bias']))
    return dense(F.relu(dense(h, w['k.weight'], w['k.bias'])), w['out.weight'], w['out.bias'])


def cnn(x, w):
    h = F.relu(conv(x, w['c1.weight'], w['c1.bias'], (1, 1), 'same'))
    h = pool(h, 'max', (2, 2), (2, 2), 'valid')
    h = torch.tanh(conv(h, w['c2.weight'], w['c2.bias'], (2, 2), 'same'))
    h = pool(h, 'average', (2, 2), (1, 1), 'valid')
    return dense(h.flatten(1), w['out.weight'], w['out.bias'])


def scaled(*shape):
    fan = 1
    for size in shape[:-1]:
        fan *= size
    return given(torch.randn(shape) / fan ** 0.5)


networks = {
    'mlp': (mlp, 24, (3,), {
        'h.weight': scaled(3, 6), 'h.bias': given(0.1 * random(6)), 'k.weight': scaled(6, 5), 'k.bias': given(0.1 * random(5)),
        'out.weight': scaled(5, 3), 'out.bias': torch.zeros(3)}),
    'cnn': (cnn, 16, (8, 8, 1), {
        'c1.weight': scaled(3, 3, 1, 3), 'c1.bias': given(0.1 * random(3)), 'c2.weight': scaled(3, 3, 3, 4),
        'c2.bias': given(0.1 * random(4)), 'out.weight': scaled(4, 3), 'out.bias': torch.zeros(3)}),
}
settings = [
    ('sgd', {'rate': 0.1, 'momentum': 0}, lambda ws: torch.optim.SGD(ws, lr=0.1)),
    ('sgd', {'rate': 0.05, 'momentum': 0.9}, lambda ws: torch.optim.SGD(ws, lr=0.05, momentum=0.9)),
    ('adam', {'rate': 0.001, 'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-8}, lambda ws: torch.optim.Adam(ws, lr=0.001)),
    ('adam', {'rate': 0.02, 'beta1': 0.8, 'beta2': 0.95, 'epsilon': 1e-4},
     lambda ws: torch.optim.Adam(ws, lr=0.02, betas=(0.8, 0.95), eps=1e-4)),
    ('sgd', {'rate': 0.05, 'momentum': 0.9, 'nesterov': True},
     lambda ws: torch.optim.SGD(ws, lr=0.05, momentum=0.9, nesterov=True)),
    ('sgd', {'rate': 0.05, 'momentum': 0.8, 'decay': 0.1},
     lambda ws: torch.optim.SGD(ws, lr=0.05, momentum=0.8, weight_decay=0.1)),
    ('sgd', {'rate': 0.05, 'momentum': 0.7, 'nesterov': True, 'decay': 0.05},
     lambda ws: torch.optim.SGD(ws, lr=0.05, momentum=0.7, nesterov=True, weight_decay=0.05)),
    ('rmsprop', {'rate': 0.01, 'rho': 0.99, 'epsilon': 1e-8}, lambda ws: torch.optim.RMSprop(ws, lr=0.01, alpha=0.99)),
    ('rmsprop', {'rate': 0.02, 'rho': 0.9, 'epsilon': 1e-4},
     lambda ws: torch.optim.RMSprop(ws, lr=0.02, alpha=0.9, eps=1e-4)),
    ('adagrad', {'rate': 0.02, 'epsilon': 1e-10}, lambda ws: torch.optim.Adagrad(ws, lr=0.02)),
    ('adadelta', {'rate': 1, 'rho': 0.9, 'epsilon': 1e-6}, lambda ws: torch.optim.Adadelta(ws, lr=1, rho=0.9)),
    ('adamw', {'rate': 0.001, 'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-8, 'decay': 0.01},
     lambda ws: torch.optim.AdamW(ws, lr=0.001)),
    ('adamw', {'rate': 0.02, 'beta1': 0.8, 'beta2': 0.95, 'epsilon': 1e-4, 'decay': 0.2},
     lambda ws: torch.optim.AdamW(ws, lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.2)),
]

for name, (forward, count, features, first_weights) in networks.items():
    x = random(count, *features)
    y = torch.randint(0, 3, (count,))
    runs = []
    for kind, params, make in settings:
        weights = {key: tensor.clone().requires_grad_(True) for key, tensor in first_weights.items()}
        optimizer = make(list(weights.values()))
        order = torch.randperm(count)
        steps = []
        for step in range(10):
            rows = [int(order[(step * 8 + i) % count]) for i in range(8)]
            optimizer.zero_grad()
            logits = forward(x[rows], weights)
            loss = F.cross_entropy(logits, y[rows])
            loss.backward()
            optimizer.step()
            accuracy = (logits.argmax(-1) == y[rows]).double().mean()
            steps.append({'rows': rows, 'loss': rounded(loss, 12)[0], 'accuracy': float(accuracy)})
        runs.append({
            'optimizer': {'type': kind, 'params': params},
            'steps': steps,
            'weights': {key: value(tensor) for key, tensor in weights.items()},
        })
    write(name, {
        'features': value(x), 'classes': [int(k) for k in y],
        'first': {key: value(tensor) for key, tensor in first_weights.items()}, 'runs': runs})
